"""What the library shows to the outside: test_exports.py SOURCE BUILD COMPILER LIBRARY

Every function and every object that a public header declares has KR_API; a shared library of the same objects exports exactly these
names; every header compiles by itself, as C and (where there is a compiler) as C++.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD, COMPILER, LIBRARY = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
HEADERS = sorted((SOURCE / "include/kramers").glob("*.h"))
INCLUDES = [f"-I{SOURCE / 'include'}", f"-I{BUILD / 'generated/include'}"]


def declarations(text):
    """The names that the text of a header declares, and those of them without KR_API: (all, missing)."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", "", text, flags=re.M)
    while (flat := re.sub(r"\{[^{}]*\}", "{}", text.replace("{}", "@"))) != text:
        text = flat
    names, missing = set(), set()
    for statement in re.split(r"[;@]", text):
        statement = " ".join(statement.split()).removeprefix("KR_BEGIN_DECLARATIONS ")
        if not statement or re.match(r"(typedef|static|struct|enum|union|_Static_assert|KR_END_DECLARATIONS)\b", statement):
            continue
        if "extern " in statement:
            found = re.findall(r"(kr_\w+)(?:\[[^\]]*\])*(?=,|$)", statement)
        else:
            found = re.findall(r"(kr_\w+)\(", statement)[:1]
        names.update(found)
        if not statement.startswith("KR_API "):
            missing.update(found)
    return names, missing


def exported(library):
    lines = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout.splitlines()
    linker = {"__bss_start", "_edata", "_end", "_init", "_fini"}  # some linkers export these of every library
    return {line.split()[-1].partition("@")[0] for line in lines} - linker


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


class Exports(unittest.TestCase):
    def test_reader_of_headers(self):
        text = """#define KR_X(a) \\
            int kr_no(int a);
        KR_BEGIN_DECLARATIONS
        typedef struct kr_s { int (*kr_member)(int); } kr_s; /* int kr_comment(void); */
        KR_API int kr_yes(kr_s (*f)(int)); static inline int kr_inline(int a) { if (a) { return 1; } return a; }
        int kr_missing(int a); extern const kr_s kr_object, kr_other[3];
        KR_END_DECLARATIONS"""
        self.assertEqual(declarations(text), ({"kr_yes", "kr_missing", "kr_object", "kr_other"}, {"kr_missing", "kr_object", "kr_other"}))

    def test_every_declaration_is_exported(self):
        for header in HEADERS:
            self.assertEqual(declarations(header.read_text())[1], set(), f"{header.name} declares these without KR_API")
            if "KR_API " in header.read_text() and header.name != "api.h":
                self.assertRegex(header.read_text(), r"(?s)\nKR_BEGIN_DECLARATIONS\n.*\nKR_END_DECLARATIONS\n", header.name)

    def test_shared_library_exports_what_headers_declare(self):
        declared = set().union(*(declarations(header.read_text())[0] for header in HEADERS))
        self.assertGreater(len(declared), 100)
        with tempfile.TemporaryDirectory() as scratch:
            library = LIBRARY
            if LIBRARY.suffix == ".a":
                library = pathlib.Path(scratch, "all.so")
                run(COMPILER, "-shared", "-o", library, "-Wl,--whole-archive", LIBRARY, "-Wl,--no-whole-archive")
            self.assertEqual(exported(library), declared)

    def test_headers_stand_alone(self):
        compilers = [(COMPILER, "c", "-std=c17")]
        compilers += [(shutil.which(name), "c++", standard) for name in ("g++", "clang++") for standard in ("-std=c++17", "-std=c++20")]
        for compiler, language, standard in compilers:
            if compiler is None:
                continue
            for header in HEADERS:
                if header.name in ("api.h", "plugin.h"):  # macros only
                    continue
                with tempfile.NamedTemporaryFile("w", suffix=".inc") as program:
                    program.write(f"#include <kramers/{header.name}>\n")
                    program.flush()
                    run(compiler, "-x", language, standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", *INCLUDES, program.name)


    def test_cxx_programs_find_every_name(self):
        """All headers in one C++ program, in both orders; the address of every function and object, which only a C name resolves."""
        compiler = shutil.which("g++")
        if compiler is None:
            self.skipTest("there is no g++")
        names = sorted(set().union(*(declarations(header.read_text())[0] for header in HEADERS)))
        with tempfile.TemporaryDirectory() as scratch:
            for order in (HEADERS, HEADERS[::-1]):
                program, made = pathlib.Path(scratch, "all.cpp"), pathlib.Path(scratch, "all.o")
                lines = [f"#include <kramers/{header.name}>" for header in order]
                lines += [f"extern const void *const use_{name};\nconst void *const use_{name} = reinterpret_cast<const void *>(&{name});" for name in names]
                program.write_text("\n".join(lines) + "\n")
                run(compiler, "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *INCLUDES, "-c", program, "-o", made)
                undefined = subprocess.run(["nm", "-u", made], capture_output=True, text=True, check=True).stdout
                self.assertEqual(set(names) - {line.split()[-1] for line in undefined.splitlines()}, set())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
