"""What is seen and pressed. The only package that imports textual."""
