"""Arrays and frames as bytes, so that what one process has made of many records another can go on with."""

from io import BytesIO

import numpy as np

from crm.matching.columns import NONE, Column, Frame, Places

_BETWEEN = "\0"  # PostgreSQL keeps no text with it


def packed(arrays):
    """Return {name: array} as bytes."""
    file = BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def unpacked(data):
    """Return what `packed` was given."""
    with np.load(BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)


def packed_frame(frame):
    """Return {name: array} of the columns of a frame, without those it derives."""
    arrays = {}
    for name in frame.columns.keys() - frame.derivations.keys():
        column = frame.columns[name]
        arrays[f"{name} codes"] = column.codes
        arrays[f"{name} values"] = np.frombuffer(_BETWEEN.join(column.values).encode(), np.uint8)
    return arrays


def joined_frame(pieces, chosen, derivations):
    """Return the Frame of some records of several packed frames, one frame after the other.

    `pieces`: of each frame what `packed_frame` returned; `chosen`: of each an array of the places of the records.
    """
    names = [name.removesuffix(" codes") for name in pieces[0] if name.endswith(" codes")]
    return Frame({name: _joined(pieces, chosen, name) for name in names}, derivations)


def _joined(pieces, chosen, name):
    places, parts = Places(), []
    slots = max(len(piece[f"{name} codes"]) for piece in pieces)
    for piece, rows in zip(pieces, chosen, strict=True):
        own = piece[f"{name} codes"][:, rows]
        used = np.flatnonzero(np.bincount(own.ravel() + 1)[1:])
        values = piece[f"{name} values"].tobytes().decode().split(_BETWEEN)
        number = np.full(len(values) + 1, NONE, np.int32)
        number[used] = places.of([values[code] for code in used.tolist()])
        codes = np.full((slots, len(rows)), NONE, np.int32)
        codes[: len(own)] = number[own]
        parts.append(codes)
    return Column(places.texts, np.concatenate(parts, axis=1))
