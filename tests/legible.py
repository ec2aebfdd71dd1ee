"""Pictures that can be read: all words inside, large enough, none over another or under a curve."""
import warnings

import numpy as np

# Sizes, and whether light on dark: every size, and both grounds.
LOOKS = (("paper", False), ("column", True), ("slide", False))


def ticks_out_of_view(picture):
    for axes in picture.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks() + axis.get_minor_ticks():
                if not low <= tick.get_loc() <= high:
                    yield from (tick.label1, tick.label2)


def within(places, box):
    return ((places > box.min) & (places < box.max)).all(axis=1)


def words_on_lines(picture):
    """[(word, line)]: words in a panel that one of its lines or markers goes through, but for those on a ground of their own."""
    renderer, found = picture.canvas.get_renderer(), []
    for axes in picture.axes:
        legend = axes.get_legend()
        words = [*axes.texts, *(legend.get_texts() if legend is not None else ())]
        words = [(text.get_text(), text.get_window_extent(renderer).padded(-1)) for text in words
                 if text.get_visible() and text.get_text().strip() and text.get_bbox_patch() is None and not text.get_path_effects()]
        inside = axes.get_window_extent(renderer)
        for line in axes.lines:
            places = line.get_transform().transform(np.array(line.get_data(), dtype=float).T.reshape(-1, 2))
            if line.get_linestyle() not in ("None", "none", "", " ") and len(places) > 1:
                places = np.concatenate([np.linspace(one, other, 200) for one, other in zip(places, places[1:])])
            places = places[within(places, inside)]
            found += [(word, line.get_label()) for word, box in words if within(places, box).any()]
    return found


def assert_legible(test, picture, size, name, words=()):
    """test: a unittest.TestCase; words: texts that must be somewhere in the picture. A warning while it is drawn is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture.canvas.draw()
    test.assertGreater(len(set(bytes(picture.canvas.buffer_rgba())[::97])), 16, "nothing is drawn")
    renderer, width, height = picture.canvas.get_renderer(), *picture.canvas.get_width_height()
    boxes, seen, unseen = [], [], list(ticks_out_of_view(picture))
    for text in picture.findobj(match=lambda artist: hasattr(artist, "get_text") and hasattr(artist, "get_fontsize")):
        if not text.get_visible() or not text.get_text().strip():
            continue
        if any(text is hidden for hidden in unseen):
            continue
        box = text.get_window_extent(renderer)
        test.assertGreaterEqual(text.get_fontsize(), {"paper": 8, "column": 7, "slide": 14}[size], text.get_text())
        test.assertTrue(box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, (name, size, text.get_text(), box))
        boxes.append((text.get_text(), box.padded(-1)))
        seen.append(text.get_text())
    for index, (one, box) in enumerate(boxes):
        for other, another in boxes[:index]:
            test.assertFalse(box.overlaps(another), f"{size}: '{one}' over '{other}' in {name}")
    test.assertEqual(words_on_lines(picture), [], f"{size}: curves through words in {name}")
    for word in words:
        test.assertIn(word, "\n".join(seen))
