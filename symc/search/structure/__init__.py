"""What a law is made of, told before it is searched: symmetries that leave fewer variables, and algebraic relations."""
