"""How many people and machines Cognito's default quotas bear with this helper: a simulation."""
