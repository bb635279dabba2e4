"""The yardstick: a helper as one would write it in an afternoon, with boto3, keyring, argparse."""

import argparse
import json
import sys
from datetime import UTC, datetime, timedelta

import boto3
import keyring


def main() -> None:
    """Print the stored credentials if they are good; the renewal is left out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile", default="default")
    parser.add_argument("--service", default="cognito-credproc-naive")
    arguments = parser.parse_args()
    stored = keyring.get_password(arguments.service, arguments.profile)
    if stored is None:
        sys.exit(f"nothing stored, and boto3 {boto3.__version__} is not asked here")
    document = json.loads(stored)
    expiration = datetime.fromisoformat(document["Expiration"])
    if expiration - datetime.now(UTC) < timedelta(minutes=15):
        sys.exit("expired")
    print(json.dumps(document))


if __name__ == "__main__":
    main()
