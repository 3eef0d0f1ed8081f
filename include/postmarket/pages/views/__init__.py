"""What each page shows, read from the house: plain functions that give frozen values for the templates."""
