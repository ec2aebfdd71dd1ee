#include "display.h"

#include "model/measure.h"

#include <SDL.h>
#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SMALLEST_WIDTH = 480,
    SMALLEST_HEIGHT = 360,
    USUAL_RATE = 72 /* frames per second, a little more than most displays show */
};

struct kr_display {
    SDL_Window *window;
    SDL_Renderer *renderer; /* NULL: pixels are copied */
    SDL_Texture *texture;
    int texture_width, texture_height;
    bool synchronised; /* showing waits for the display */
    double began;
    kr_input held;        /* what lasts from frame to frame: place of the mouse, buttons */
    SDL_Keymod modifiers; /* held at the last key event */
    bool closed;          /* by the user */
    bool lost;            /* SDL must not be called any more */
    jmp_buf *guard;       /* where a lost connection leads to; NULL: nowhere */
    char driver[96];
};

/* Drivers that draw nowhere are taken only by those who ask for them. */
static bool is_no_display(const char *driver) {
    const char *asked = getenv("SDL_VIDEODRIVER");
    return (!strcmp(driver, "dummy") || !strcmp(driver, "offscreen")) && (!asked || !*asked);
}

static kr_status no_display(kr_error *error, const char *why) {
    return kr_fail(error, KR_IO,
                   "there is no display to open a window on (%s); for a picture without one use --frames N --screenshot F.png",
                   why);
}

/* Whether OpenGL has no graphics processor: it then draws on all cores what SDL draws with a part of one. */
static bool draws_on_the_processor(void) {
    enum { RENDERER = 0x1F01 }; /* GL_RENDERER */
    const unsigned char *(*get_string)(unsigned) = NULL;
    void *found = SDL_GL_GetCurrentContext() ? SDL_GL_GetProcAddress("glGetString") : NULL;
    memcpy(&get_string, &found, sizeof found); /* ISO C has no cast from data to functions */
    const char *name = get_string ? (const char *)get_string(RENDERER) : NULL;
    return name && (strstr(name, "llvmpipe") || strstr(name, "softpipe") || strstr(name, "SWR") || strstr(name, "Software"));
}

/* NULL where no graphics processor would draw: pixels are then copied into the window without any renderer, which is faster than
 * SDL's own renderer without one. */
static SDL_Renderer *find_renderer(SDL_Window *window) {
    const char *asked = getenv("SDL_RENDER_DRIVER");
    if (asked && !strcmp(asked, "software")) return NULL;
    SDL_Renderer *renderer = SDL_CreateRenderer(window, -1, SDL_RENDERER_ACCELERATED | SDL_RENDERER_PRESENTVSYNC);
    if (!renderer || (asked && *asked) || !draws_on_the_processor()) return renderer;
    SDL_DestroyRenderer(renderer);
    return NULL;
}

void kr_display_title(kr_display *d, const char *title) {
    char whole[300];
    snprintf(whole, sizeof whole, "%s \xe2\x80\x93 kramers", title);
    SDL_SetWindowTitle(d->window, whole);
}

static kr_status open_window(kr_display *d, int width, int height, const char *title, kr_error *error) {
    SDL_Rect usable = {0, 0, 1280, 800};
    SDL_GetDisplayUsableBounds(0, &usable);
    if (width <= 0) width = usable.w > 0 && usable.w < 1280 ? usable.w : 1280;
    if (height <= 0) height = usable.h > 0 && usable.h < 800 ? usable.h : 800;
    d->window = SDL_CreateWindow("kramers", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, width, height,
                                 SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (!d->window) return no_display(error, SDL_GetError());
    kr_display_title(d, title);
    SDL_SetWindowMinimumSize(d->window, SMALLEST_WIDTH, SMALLEST_HEIGHT);
    d->renderer = find_renderer(d->window);
    SDL_RendererInfo info = {.name = "software"};
    if (d->renderer) SDL_GetRendererInfo(d->renderer, &info);
    d->synchronised = info.flags & SDL_RENDERER_PRESENTVSYNC;
    snprintf(d->driver, sizeof d->driver, "%s, %s", SDL_GetCurrentVideoDriver(), info.name ? info.name : "unknown renderer");
    if (!d->renderer && !SDL_GetWindowSurface(d->window))
        return kr_fail(error, KR_IO, "nothing can be drawn in a window here: %s", SDL_GetError());
    return KR_OK;
}

/* ---- a connection that breaks ---- */

/* Xlib ends the program when its handler comes back, so that it must not: it leaves SDL and Xlib for good. */
static kr_display *watched;

static int on_lost_connection(void *connection) {
    (void)connection;
    if (!watched || !watched->guard) return 0;
    watched->lost = true;
    longjmp(*watched->guard, 1);
}

/* Of the Xlib that SDL has loaded; this program is not linked with it. */
static void watch_connection(kr_display *d) {
    typedef int handler(void *connection);
    handler *(*set)(handler *) = NULL;
    watched = d;
    void *library = strcmp(SDL_GetCurrentVideoDriver(), "x11") ? NULL : dlopen("libX11.so.6", RTLD_LAZY | RTLD_NOLOAD);
    void *found = library ? dlsym(library, "XSetIOErrorHandler") : NULL;
    memcpy(&set, &found, sizeof found);
    if (set) set(on_lost_connection);
    if (library) dlclose(library);
}

kr_status kr_display_guard(kr_display *d, kr_status (*body)(void *context, kr_error *error), void *context, kr_error *error) {
    jmp_buf here;
    if (setjmp(here)) {
        d->guard = NULL;
        return kr_fail(error, KR_IO, "the display is gone: the connection to it broke");
    }
    d->guard = &here;
    kr_status status = body(context, error);
    d->guard = NULL;
    return status;
}

static kr_status close_all(void *context, kr_error *error) {
    kr_display *d = context;
    (void)error;
    if (d->texture) SDL_DestroyTexture(d->texture);
    if (d->renderer) SDL_DestroyRenderer(d->renderer);
    if (d->window) SDL_DestroyWindow(d->window);
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    SDL_Quit();
    return KR_OK;
}

/* ---- beginning and end ---- */

kr_status kr_display_open(kr_display **display, int width, int height, const char *title, kr_error *error) {
    *display = NULL;
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); /* this program handles interrupts itself */
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "0");
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0"); /* or a copy of pixels goes through OpenGL on the processor */
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
    if (SDL_Init(SDL_INIT_VIDEO)) return no_display(error, SDL_GetError());
    kr_display *d = calloc(1, sizeof *d);
    kr_status status = d ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory for the window");
    if (status == KR_OK && is_no_display(SDL_GetCurrentVideoDriver()))
        status = no_display(error, "neither X11 nor Wayland answers");
    if (status == KR_OK) status = open_window(d, width, height, title, error);
    if (status != KR_OK) {
        if (d) kr_display_close(d);
        return status;
    }
    watch_connection(d);
    d->began = kr_seconds_now();
    d->held.mouse = (kr_point){-1, -1};
    SDL_StartTextInput();
    *display = d;
    return KR_OK;
}

void kr_display_close(kr_display *d) {
    if (!d) return;
    if (!d->lost) kr_display_guard(d, close_all, d, NULL);
    watched = NULL;
    free(d);
}

void kr_display_size(const kr_display *d, int *width, int *height) {
    if (!d->renderer || SDL_GetRendererOutputSize(d->renderer, width, height) || *width < 1 || *height < 1)
        SDL_GetWindowSize(d->window, width, height);
}

/* Where the desktop counts in units larger than pixels, that ratio; where it does not, what a dense display says of itself. */
double kr_display_scale(const kr_display *d) {
    int width, height, units, rows;
    float dots = 96;
    kr_display_size(d, &width, &height);
    SDL_GetWindowSize(d->window, &units, &rows);
    if (units > 0 && width > units) return (double)width / units;
    int index = SDL_GetWindowDisplayIndex(d->window);
    if (SDL_GetDisplayDPI(index < 0 ? 0 : index, &dots, NULL, NULL) || dots < 140) return 1.0;
    return fmin(3.0, round(dots / 96 * 4) / 4);
}

static void add_key(kr_input *input, const SDL_KeyboardEvent *event) {
    SDL_Keycode key = event->keysym.sym;
    bool moves = key == SDLK_LEFT || key == SDLK_RIGHT || key == SDLK_UP || key == SDLK_DOWN || key == SDLK_BACKSPACE ||
                 key == SDLK_DELETE || key == SDLK_TAB || key == SDLK_PAGEUP || key == SDLK_PAGEDOWN;
    if (event->repeat && !moves) return; /* a switch must not flicker while its key is held */
    if (input->key_count < KR_MAX_KEYS) input->key[input->key_count++] = key;
}

static void move_mouse(kr_display *d, kr_input *input, int x, int y) {
    int width, height, units, rows;
    kr_display_size(d, &width, &height);
    SDL_GetWindowSize(d->window, &units, &rows);
    input->mouse = (kr_point){(x + 0.5) * width / (units > 0 ? units : 1), (y + 0.5) * height / (rows > 0 ? rows : 1)};
    input->inside = true;
}

static void press(kr_display *d, kr_input *input, const SDL_MouseButtonEvent *event) {
    bool down = event->type == SDL_MOUSEBUTTONDOWN;
    move_mouse(d, input, event->x, event->y);
    if (event->button == SDL_BUTTON_LEFT) {
        input->down = down;
        input->pressed |= down;
        input->released |= !down;
        input->double_click |= down && event->clicks == 2;
        SDL_CaptureMouse(down ? SDL_TRUE : SDL_FALSE);
    } else if (event->button == SDL_BUTTON_RIGHT) {
        input->right_down = down;
        input->right_pressed |= down;
    } else if (event->button == SDL_BUTTON_MIDDLE) {
        input->middle_down = down;
    }
}

/* What was done with other modifiers than those that are held now belongs to a frame of its own; true: it ends here. */
static bool changes_modifiers(kr_display *d, const SDL_Event *event, const kr_input *input) {
    const SDL_Keymod known = KMOD_SHIFT | KMOD_CTRL | KMOD_ALT;
    if (event->type != SDL_KEYDOWN && event->type != SDL_KEYUP) return false;
    SDL_Keymod now = event->key.keysym.mod & known;
    bool changed = now != d->modifiers;
    d->modifiers = now;
    return changed && (input->key_count || input->pressed || input->wheel != 0);
}

static void add_event(kr_display *d, const SDL_Event *event, kr_input *input, kr_happened *happened) {
    happened->anything = true;
    switch (event->type) {
    case SDL_QUIT:
        happened->quit = true;
        happened->lost = !d->closed; /* as SDL has it where the connection to Wayland breaks */
        break;
    case SDL_KEYDOWN: add_key(input, &event->key); break;
    case SDL_TEXTINPUT:
        if (strlen(input->text) + strlen(event->text.text) < sizeof input->text) strcat(input->text, event->text.text);
        break;
    case SDL_MOUSEMOTION: move_mouse(d, input, event->motion.x, event->motion.y); break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP: press(d, input, &event->button); break;
    case SDL_MOUSEWHEEL: input->wheel += (double)event->wheel.preciseY; break;
    case SDL_WINDOWEVENT:
        d->closed |= event->window.event == SDL_WINDOWEVENT_CLOSE;
        if (event->window.event == SDL_WINDOWEVENT_LEAVE) input->inside = input->down;
        break;
    case SDL_RENDER_TARGETS_RESET:
    case SDL_RENDER_DEVICE_RESET:
        if (d->texture) SDL_DestroyTexture(d->texture);
        d->texture = NULL;
        break;
    default: break;
    }
}

/* A press counts where it was made: what moves the mouse after it waits for the next frame. */
static bool moves_after_press(const kr_input *input) {
    SDL_Event next;
    return (input->pressed || input->right_pressed) &&
           SDL_PeepEvents(&next, 1, SDL_PEEKEVENT, SDL_FIRSTEVENT, SDL_LASTEVENT) == 1 && next.type == SDL_MOUSEMOTION;
}

kr_happened kr_display_collect(kr_display *d, double wait, kr_input *input) {
    kr_happened happened = {0};
    SDL_Event event;
    int milliseconds = wait > 0.0 ? (int)fmax(1.0, 1e3 * wait) : 0;
    bool have = milliseconds ? SDL_WaitEventTimeout(&event, milliseconds) : SDL_PollEvent(&event);
    *input = d->held;
    /* Press and release in one frame would look like nothing: what comes after a release waits for the next frame. */
    SDL_Keymod held = d->modifiers;
    for (bool ends = false; have; have = !ends && !input->released && !moves_after_press(input) && SDL_PollEvent(&event)) {
        ends = changes_modifiers(d, &event, input);
        if (!ends) held = d->modifiers;
        add_event(d, &event, input, &happened);
    }
    input->shift = held & KMOD_SHIFT;
    input->control = held & KMOD_CTRL;
    input->alt = held & KMOD_ALT;
    input->seconds = kr_seconds_now() - d->began;
    d->held = (kr_input){.mouse = input->mouse,
                         .inside = input->inside,
                         .down = input->down,
                         .right_down = input->right_down,
                         .middle_down = input->middle_down};
    return happened;
}

static kr_status make_texture(kr_display *d, const kr_canvas *canvas, kr_error *error) {
    if (d->texture && d->texture_width == canvas->width && d->texture_height == canvas->height) return KR_OK;
    if (d->texture) SDL_DestroyTexture(d->texture);
    d->texture =
        SDL_CreateTexture(d->renderer, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STREAMING, canvas->width, canvas->height);
    if (!d->texture)
        return kr_fail(error, KR_IO, "no texture of %d x %d pixels for the window: %s", canvas->width, canvas->height,
                       SDL_GetError());
    SDL_SetTextureBlendMode(d->texture, SDL_BLENDMODE_NONE);
    d->texture_width = canvas->width;
    d->texture_height = canvas->height;
    return KR_OK;
}

/* A window that has just been resized may for a moment be larger or smaller than the canvas. */
static kr_status copy_pixels(kr_display *d, const kr_canvas *canvas, kr_error *error) {
    SDL_Surface *surface = SDL_GetWindowSurface(d->window);
    if (!surface) return kr_fail(error, KR_IO, "nothing can be drawn in the window any more: %s", SDL_GetError());
    int width = surface->w < canvas->width ? surface->w : canvas->width,
        height = surface->h < canvas->height ? surface->h : canvas->height;
    size_t row = (size_t)canvas->width;
    if (surface->format->format == SDL_PIXELFORMAT_RGB888 || surface->format->format == SDL_PIXELFORMAT_ARGB8888)
        for (int y = 0; y < height; y++)
            memcpy((char *)surface->pixels + (size_t)y * (size_t)surface->pitch, canvas->pixel + (size_t)y * row,
                   (size_t)width * sizeof *canvas->pixel);
    else
        SDL_ConvertPixels(width, height, SDL_PIXELFORMAT_ARGB8888, canvas->pixel, (int)(row * sizeof *canvas->pixel),
                          surface->format->format, surface->pixels, surface->pitch);
    SDL_UpdateWindowSurface(d->window);
    return KR_OK;
}

kr_status kr_display_show(kr_display *d, const kr_canvas *canvas, kr_error *error) {
    if (!d->renderer) return copy_pixels(d, canvas, error);
    kr_status status = make_texture(d, canvas, error);
    if (status != KR_OK) return status;
    SDL_UpdateTexture(d->texture, NULL, canvas->pixel, canvas->width * (int)sizeof *canvas->pixel);
    SDL_RenderCopy(d->renderer, d->texture, NULL, NULL);
    SDL_RenderPresent(d->renderer);
    return KR_OK;
}

bool kr_display_hidden(const kr_display *d) {
    return SDL_GetWindowFlags(d->window) & (SDL_WINDOW_MINIMIZED | SDL_WINDOW_HIDDEN);
}

void kr_display_toggle_full_screen(kr_display *d) {
    bool full = SDL_GetWindowFlags(d->window) & SDL_WINDOW_FULLSCREEN_DESKTOP;
    SDL_SetWindowFullscreen(d->window, full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
}

double kr_display_frame_seconds(const kr_display *d) {
    SDL_DisplayMode mode;
    int index = SDL_GetWindowDisplayIndex(d->window);
    if (d->synchronised) return 0.0;
    bool known = !SDL_GetCurrentDisplayMode(index < 0 ? 0 : index, &mode) && mode.refresh_rate > USUAL_RATE;
    return 1.0 / (known ? mode.refresh_rate : USUAL_RATE);
}

const char *kr_display_driver(const kr_display *d) {
    return d->driver;
}
