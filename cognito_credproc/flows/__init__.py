"""Cognito's protocol as generators: no network, no clock, no terminal, so a test drives them."""
