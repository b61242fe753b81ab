"""Reading a mail as it came, within limits, in a process of its own. Knows neither Django nor the database."""
