"""The notebook's side of zcnb: magics, running programs, showing results. Only this package knows IPython."""
