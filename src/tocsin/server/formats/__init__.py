"""How dates are written where Django's own choice would be read wrongly (day and month, in English)."""
