"""The numbers and the rules of names, passwords, agreements, questions and ways back in."""
