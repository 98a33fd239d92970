"""Every way in: what recognises a model, opens it, and says what a bundle is made of."""
