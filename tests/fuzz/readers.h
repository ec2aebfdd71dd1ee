/* Everything that reads a file of others, as the verbs of the program call it, with limits that keep an input fast. */
#ifndef KR_FUZZ_READERS_H
#define KR_FUZZ_READERS_H

enum { FUZZ_SURFACE, FUZZ_TABLE, FUZZ_MIXTURE, FUZZ_COLUMN, FUZZ_DATA_SET, FUZZ_ARRAY_KINDS };

/* Nothing that was opened in a file stays open; the file itself may, where HDF5 fails to close it. */
void fuzz_check_closed(const char *path);

/* column: a name, or NULL. */
void fuzz_read_array(int kind, const char *path, const char *column);

void fuzz_read_recording(const char *path);
void fuzz_resume(const char *path);
void fuzz_replay(const char *path);

#endif
