"""What the first frame needs: whether the last known board may be painted, and for which logins."""
