"""Pictures that can be read: all words inside, large enough, none over another."""
import warnings

# Sizes, and whether light on dark: every size, and both grounds.
LOOKS = (("paper", False), ("column", True), ("slide", False))


def ticks_out_of_view(picture):
    for axes in picture.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks() + axis.get_minor_ticks():
                if not low <= tick.get_loc() <= high:
                    yield from (tick.label1, tick.label2)


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
    for word in words:
        test.assertIn(word, "\n".join(seen))
