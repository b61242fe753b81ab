"""The pages of mail that came in."""
