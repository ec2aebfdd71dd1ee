"""notebooks/claims: every claim has its rows, and some of them come out as committed when they are measured again (all with KRAMERS_TEST_ALL);
the page and the notebooks are what follows from the rows; the figures can be read."""
import importlib.util
import json
import os
import re
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

missing = [package for package in ("numpy", "h5py", "yaml", "matplotlib") if importlib.util.find_spec(package) is None]
if missing:
    print(f"skipped: the Python packages {', '.join(missing)} are missing")
    sys.exit(77)
if not os.environ.get("KRAMERS"):
    sys.exit("the environment variable KRAMERS must name the program to test")

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS), str(TESTS.parent / "notebooks" / "claims")]
import claims  # noqa: E402
import claims_page  # noqa: E402
import kramers  # noqa: E402
from legible import LOOKS, assert_legible  # noqa: E402

EVERYTHING = bool(os.environ.get("KRAMERS_TEST_ALL"))
SAMPLE = 3  # settings of each claim


class Claims(unittest.TestCase):
    def each(self):
        found = claims.load()
        self.assertTrue(found)
        for claim in found:
            with self.subTest(claim=claim.number):
                yield claim

    def test_rows_are_whole_and_in_order(self):
        for claim in self.each():
            self.assertTrue(claim.rows().texts)
            self.assertTrue(claim.held_by is None or (TESTS.parent / claim.held_by).exists())
            self.assertEqual(claim.missing(), [])
            if claim.held_by:
                continue
            there = dict.fromkeys((row["scene"], row["setting"], row["seed"]) for row in claim.rows().texts)
            self.assertEqual(list(there), [(one.scene, claims.text_of(one.changes), str(one.seed)) for one in claim.settings()])

    def test_rows_come_out_again(self):
        for claim in self.each():
            quick = [one for one in claim.settings() if one.quick]
            self.assertEqual(bool(quick), claim.held_by is None)
            again = list(claim.settings()) if EVERYTHING else quick[:: max(1, len(quick) // SAMPLE)][:SAMPLE]
            for setting in again:
                key = (setting.scene, claims.text_of(setting.changes), str(setting.seed))
                self.assertEqual(claims.measure(setting), [row for row in claim.rows().texts if (row["scene"], row["setting"], row["seed"]) == key], key)

    def test_verdicts_follow_from_the_rows(self):
        for claim in self.each():
            verdict = claim.verdict()
            self.assertIn(verdict.word, ("holds", "holds when", "fails", "undecided"))
            self.assertEqual(bool(verdict.when), verdict.word == "holds when")
            self.assertTrue(verdict.estimate.low <= verdict.estimate.value <= verdict.estimate.high)
            self.assertEqual(len(claim.module.OBJECTIONS), 2)
            self.assertGreaterEqual(verdict.runs, 1000)

    def test_the_page_and_the_notebooks_are_up_to_date(self):
        found = claims.load()
        self.assertEqual((claims.HERE / "README.md").read_text(), claims_page.page(found), "write it anew: ./dev claims")
        self.assertEqual((claims.HERE / "claims.json").read_text(), claims_page.listed(found), "write it anew: ./dev claims")
        for claim in found:
            self.assertEqual(claims_page.sources(json.loads(claim.notebook.read_text())), claims_page.sources(claims_page.notebook(claim)), f"{claim.notebook.name}: write it anew: ./dev claims")
            self.assertTrue(claim.picture.exists())

    def test_the_program_lists_them(self):
        listed = kramers.catalogue("claims")
        if listed != json.loads((claims.HERE / "claims.json").read_text()):
            self.fail("the program was built with another claims.json")
        shipped = {scene["name"]: " ".join(scene["text"].split()) for scene in kramers.catalogue("scenes")}
        for claim in listed:
            self.assertLessEqual(set(claim["watch"]), shipped.keys(), claim["number"])
            lesson = claim["watch"][0]
            self.assertTrue(lesson.startswith("lesson_"), claim["number"])
            self.assertRegex(shipped[lesson], rf"[Cc]laim {claim['number']} {claim['verdict']}\b.*kramers list claims", lesson)
        # Nor does a lesson say a verdict that is none.
        verdict = {str(claim["number"]): claim["verdict"] for claim in listed}
        for name, text in shipped.items():
            for number, said in re.findall(r"[Cc]laim (\d+) (holds when|holds|fails|undecided)", text):
                self.assertEqual(said, verdict[number], name)

    def test_figures_can_be_read(self):
        """Each in one of the looks, in turn; in all of them with KRAMERS_TEST_ALL."""
        for claim in self.each():
            for size, dark in LOOKS if os.environ.get("KRAMERS_TEST_ALL") else LOOKS[claim.number % len(LOOKS)::len(LOOKS)]:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    picture = claim.figure(dark, size)
                assert_legible(self, picture, size, claim.stem)

    def test_rows_of_chosen_settings_stay_while_others_are_missing(self):
        claim = next(one for one in claims.load() if hasattr(one.module, "reported"))
        whole = claim.rows().texts
        with tempfile.TemporaryDirectory() as scratch:
            claim.csv = Path(scratch) / "rows.csv"
            without = [row for row in whole if row["setting"] != whole[0]["setting"]]
            claim.write(without)
            self.assertEqual(claim.rows().texts, without)
            claim.write(whole)
            claim.write(claim.rows().texts, whole=True)
            self.assertEqual(claim.rows().texts, whole)

    def test_a_changed_row_is_found(self):
        claim = claims.load()[0]
        setting = next(one for one in claim.settings() if one.quick)
        rows = claims.measure(setting)
        rows[0]["value"] = "1"
        self.assertNotEqual(rows, claims.measure(setting))


if __name__ == "__main__":
    unittest.main()
