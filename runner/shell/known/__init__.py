"""What is known of programs: what they run, print and write of what they are given. It knows no script."""
