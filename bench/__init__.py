"""`make bench`: how fast the site is over a made-up company of PEOPLE people, printed beside the aims.

`PEOPLE=1000000 make bench`; `GROWTH=1` compares with 10,000 people. The data are kept between runs, each size in a
database of its own beside the one DATABASE_URL names, and made anew when the schema or the demo company has changed.
"""
