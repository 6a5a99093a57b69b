"""What a visitor, a school or an operator asks for now."""
