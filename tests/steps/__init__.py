"""What tests of more than one noun do on their way: sign in, sign up, fill a form, press at the desk."""
