"""What the engines that compute at a provider share: secrets that are not shown, safe addresses, and their own end."""
