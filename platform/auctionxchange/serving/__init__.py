"""How gunicorn serves the applications, and the short way some requests may take through it."""
