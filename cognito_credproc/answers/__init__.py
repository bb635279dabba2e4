"""The answers to a sign-in's questions: stored factors, codes, a person, as often as is safe."""
