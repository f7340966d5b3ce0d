// Public pages.
