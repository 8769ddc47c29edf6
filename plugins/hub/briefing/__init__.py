"""Stage: the weekly intelligence briefing, written from published tables alone: pages, pictures, PDF."""
