"""The pages of imports: file, columns, preview, run, result."""
