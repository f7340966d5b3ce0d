"""The operators' console on its own host: houses, migrations, audit, operators, in Flask-Admin."""
