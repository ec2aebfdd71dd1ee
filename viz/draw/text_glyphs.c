#include "text_glyphs.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_SYNTHESIS_H
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unictype.h>

enum { FACES = 3, SMALLEST = 4, LARGEST = 300, SLOTS = 2048, PATH_SIZE = 1024 };

/* One face at one size: an open font and its glyphs in a hash table. */
typedef struct sheet {
    int size;
    kr_face face;
    bool embolden;
    FT_Face font;
    kr_glyph *glyph; /* [SLOTS]; code UINT32_MAX: free */
    size_t count;
    struct sheet *next;
} sheet;

struct kr_fonts {
    char path[FACES][PATH_SIZE];
    FT_Library library;
    bool embolden; /* the bold face is the regular one, made bold */
    sheet *sheets; /* the last one used comes first */
    kr_text_listener listener;
    void *context;
};

static const char *const file_names[FACES] = {"DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf"};
static const char *const folders[] = {"/usr/share/fonts/truetype/dejavu",
                                      "/usr/share/fonts/dejavu",
                                      "/usr/share/fonts/TTF",
                                      "/usr/share/fonts/dejavu-sans-fonts",
                                      "/usr/local/share/fonts/dejavu",
                                      "/usr/local/share/fonts",
                                      "/opt/homebrew/share/fonts",
                                      "/Library/Fonts",
                                      NULL};

static bool is_file(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* The regular face must be in the folder, another one is replaced by it. */
static bool use_folder(kr_fonts *fonts, const char *folder) {
    for (int face = 0; face < FACES; face++) {
        char *path = fonts->path[face];
        if (snprintf(path, PATH_SIZE, "%s/%s", folder, file_names[face]) < PATH_SIZE && is_file(path)) continue;
        if (face == KR_REGULAR) return false;
        if (face == KR_BOLD) fonts->embolden = true;
        memcpy(path, fonts->path[KR_REGULAR], PATH_SIZE);
    }
    return true;
}

static bool find_files(kr_fonts *fonts) {
    const char *chosen = getenv("KRAMERS_FONT");
    if (chosen && *chosen) {
        if (is_folder(chosen)) return use_folder(fonts, chosen);
        if (!is_file(chosen) || strlen(chosen) >= PATH_SIZE) return false;
        const char *slash = strrchr(chosen, '/');
        if (strcmp(slash ? slash + 1 : chosen, file_names[KR_REGULAR]) == 0) {
            char folder[PATH_SIZE];
            snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - chosen) : 1, slash ? chosen : ".");
            return use_folder(fonts, folder);
        }
        for (int face = 0; face < FACES; face++) snprintf(fonts->path[face], PATH_SIZE, "%s", chosen);
        fonts->embolden = true;
        return true;
    }
    for (size_t i = 0; folders[i]; i++)
        if (use_folder(fonts, folders[i])) return true;
    return false;
}

static void sheet_destroy(sheet *self) {
    if (self->glyph)
        for (size_t i = 0; i < SLOTS; i++) free(self->glyph[i].mask);
    free(self->glyph);
    if (self->font) FT_Done_Face(self->font);
    free(self);
}

static void clear_glyphs(sheet *self) {
    for (size_t i = 0; i < SLOTS; i++) {
        free(self->glyph[i].mask);
        self->glyph[i] = (kr_glyph){.code = UINT32_MAX};
    }
    self->count = 0;
}

static sheet *sheet_create(const kr_fonts *fonts, int size, kr_face face) {
    sheet *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->size = size;
    self->face = face;
    self->embolden = face == KR_BOLD && fonts->embolden;
    self->glyph = calloc(SLOTS, sizeof *self->glyph);
    if (!self->glyph || FT_New_Face(fonts->library, fonts->path[face], 0, &self->font) ||
        FT_Set_Pixel_Sizes(self->font, 0, (FT_UInt)size)) {
        sheet_destroy(self);
        return NULL;
    }
    clear_glyphs(self);
    return self;
}

kr_status kr_fonts_create(kr_fonts **fonts, kr_error *error) {
    *fonts = NULL;
    kr_fonts *self = calloc(1, sizeof *self);
    if (!self) return kr_fail(error, KR_NO_MEMORY, "There is not enough memory for fonts.");
    if (!find_files(self)) {
        const char *chosen = getenv("KRAMERS_FONT");
        free(self);
        if (chosen && *chosen)
            return kr_fail(error, KR_IO,
                           "KRAMERS_FONT is '%s', which is neither a TrueType file nor a folder with DejaVuSans.ttf. Name one that "
                           "is, or unset "
                           "it.",
                           chosen);
        return kr_fail(error, KR_IO,
                       "The font DejaVuSans.ttf was not found. Install the package fonts-dejavu-core (Debian, Ubuntu), or name a "
                       "TrueType file "
                       "in the environment variable KRAMERS_FONT.");
    }
    if (FT_Init_FreeType(&self->library)) {
        free(self);
        return kr_fail(error, KR_NO_MEMORY, "There is not enough memory for FreeType.");
    }
    self->sheets = sheet_create(self, 14, KR_REGULAR);
    if (!self->sheets) {
        kr_fail(error, KR_IO, "%s is no font with outlines that FreeType can read.", self->path[KR_REGULAR]);
        kr_fonts_destroy(self);
        return KR_IO;
    }
    *fonts = self;
    return KR_OK;
}

void kr_fonts_destroy(kr_fonts *fonts) {
    if (!fonts) return;
    while (fonts->sheets) {
        sheet *next = fonts->sheets->next;
        sheet_destroy(fonts->sheets);
        fonts->sheets = next;
    }
    FT_Done_FreeType(fonts->library);
    free(fonts);
}

int kr_fonts_size(double size) {
    return size >= LARGEST ? LARGEST : size > SMALLEST ? (int)(size + 0.5) : SMALLEST;
}

static sheet *find_sheet(kr_fonts *fonts, int size, kr_face face) {
    sheet **link = &fonts->sheets;
    for (; *link; link = &(*link)->next) {
        sheet *found = *link;
        if (found->size != size || found->face != face) continue;
        *link = found->next;
        found->next = fonts->sheets;
        fonts->sheets = found;
        return found;
    }
    sheet *made = sheet_create(fonts, size, face);
    if (!made) return NULL;
    made->next = fonts->sheets;
    fonts->sheets = made;
    return made;
}

/* The part of the rendered character that is not empty. It stands at FreeType's bearings, where the hinted outline begins, also
 * when that edge is too faint to leave a trace. */
static void copy_mask(kr_glyph *glyph, const FT_Bitmap *bitmap, int first_column, int highest) {
    int width = (int)bitmap->width, height = (int)bitmap->rows, left = width, right = 0, top = height, bottom = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            if (bitmap->buffer[y * bitmap->pitch + x] == 0) continue;
            left = x < left ? x : left;
            right = x + 1 > right ? x + 1 : right;
            top = y < top ? y : top;
            bottom = y + 1;
        }
    if (left >= right) return;
    glyph->width = right - left;
    glyph->height = bottom - top;
    glyph->left = first_column;
    glyph->top = -highest;
    glyph->mask = malloc((size_t)glyph->width * (size_t)glyph->height);
    if (!glyph->mask) return;
    for (int y = 0; y < glyph->height; y++)
        memcpy(glyph->mask + y * glyph->width, bitmap->buffer + (y + top) * bitmap->pitch + left, (size_t)glyph->width);
}

/* Light hinting moves outlines up and down only, so that letters keep their shapes and distances. Advances are whole pixels. */
static void render(sheet *self, kr_glyph *glyph, uint32_t code) {
    *glyph = (kr_glyph){.code = code};
    if (code < 32 || FT_Load_Char(self->font, code, FT_LOAD_TARGET_LIGHT)) return;
    FT_GlyphSlot slot = self->font->glyph;
    if (self->embolden) FT_GlyphSlot_Embolden(slot);
    glyph->advance = (int)((slot->metrics.horiAdvance + 63) >> 6);
    if (uc_is_property_default_ignorable_code_point(code)) return; /* soft hyphens, joiners: nothing to be seen */
    if (FT_Render_Glyph(slot, FT_RENDER_MODE_NORMAL) || slot->bitmap.pixel_mode != FT_PIXEL_MODE_GRAY) return;
    copy_mask(glyph, &slot->bitmap, slot->bitmap_left, slot->bitmap_top);
}

const kr_glyph *kr_fonts_glyph(kr_fonts *fonts, int size, kr_face face, uint32_t code) {
    sheet *page = fonts->sheets;
    if (!page || page->size != size || page->face != face) page = find_sheet(fonts, size, face);
    if (!page) return NULL;
    size_t slot = code * 2654435761u % SLOTS;
    while (page->glyph[slot].code != code) {
        if (page->glyph[slot].code == UINT32_MAX) {
            if (2 * page->count >= SLOTS) {
                clear_glyphs(page);
                slot = code * 2654435761u % SLOTS;
            }
            page->count++;
            render(page, &page->glyph[slot], code);
            break;
        }
        slot = (slot + 1) % SLOTS;
    }
    return &page->glyph[slot];
}

void kr_fonts_listen(kr_fonts *fonts, kr_text_listener listener, void *context) {
    fonts->listener = listener;
    fonts->context = context;
}

void kr_fonts_report(const kr_fonts *fonts, kr_drawn_text *drawn, const char *end) {
    drawn->length = end ? (size_t)(end - drawn->text) : strlen(drawn->text);
    if (fonts->listener && drawn->length > 0) fonts->listener(fonts->context, drawn);
}
