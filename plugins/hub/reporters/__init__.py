"""What people who reported are told: in plain words, approved by a person or by rule, sent where they agreed."""
