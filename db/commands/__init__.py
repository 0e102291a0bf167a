"""What is typed at the console: lists read in and written out, broadcasts."""
