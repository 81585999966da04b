"""How stores of earlier versions become those of this one, by alembic."""
