"""What is done in which order, and what is kept: renewal, enrolment, how a profile stands."""
