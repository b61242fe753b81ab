"""What conditions can ask of gifts, and of people about their gifts."""
