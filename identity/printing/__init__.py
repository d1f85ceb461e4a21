"""What is printed: one layout as tagged PDF, and the files it is kept in. WeasyPrint is loaded by workers only."""
