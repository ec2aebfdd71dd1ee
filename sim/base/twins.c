#include <kramers/twins.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* ---- the call of a twin: NAME(key=what, ...) ---- */

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static bool same_word(const char *text, size_t length, const char *word) {
    if (strlen(word) != length) return false;
    for (size_t i = 0; i < length; i++)
        if (tolower((unsigned char)text[i]) != tolower((unsigned char)word[i])) return false;
    return true;
}

bool kr_twin_is_named(const kr_twin *twin, const char *name) {
    const char *last = strrchr(name, '.'); /* torch.optim.lr_scheduler.StepLR */
    return twin->call && same_word(twin->call, strcspn(twin->call, "("), last ? last + 1 : name);
}

/* Where what stands behind key= in the call ends: at a comma or bracket of its own depth. */
static size_t value_length(const char *text) {
    size_t length = 0;
    for (int depth = 0; text[length]; length++) {
        char c = text[length];
        if (depth == 0 && (c == ',' || c == ')')) break;
        depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
    }
    return length;
}

static const char *value_of(const kr_twin *twin, const char *key, size_t *length) {
    size_t name = strlen(key);
    for (const char *at = twin->call; at && (at = strstr(at, key)); at += name) {
        if (at == twin->call || is_word(at[-1]) || at[name] != '=') continue;
        *length = value_length(at + name + 1);
        return at + name + 1;
    }
    return NULL;
}

/* ---- hints ---- */

static bool is_key(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!is_word(text[i]) && text[i] != '.') return false;
    return length > 0 && !isdigit((unsigned char)*text);
}

bool kr_twin_key_hint(const kr_descriptor *about, const char *key, char *text, size_t size) {
    for (const kr_twin *twin = about ? about->twins : NULL; twin && twin->library; twin++) {
        size_t length;
        const char *value = value_of(twin, key, &length), *quote = value && is_key(value, length) ? "'" : "";
        if (!value) continue;
        snprintf(text, size, "%s's %s is %s%.*s%s here", twin->library, key, quote, (int)length, value, quote);
        return true;
    }
    return false;
}

bool kr_twin_key_hint_among(const kr_descriptor *const *list, const char *key, char *text, size_t size) {
    size_t used = 0, count = 0;
    bool own = false;
    for (const kr_descriptor *const *about = list; about && *about; about++) own = own || kr_parameter_find(*about, key);
    for (; list && *list && used < size; list++) {
        char hint[200] = "it is a parameter";
        if (own ? !kr_parameter_find(*list, key) : !kr_twin_key_hint(*list, key, hint, sizeof hint)) continue;
        if (!count) used += (size_t)snprintf(text, size, "%s%s", hint, own ? " of " : ", in ");
        if (used < size) used += (size_t)snprintf(text + used, size - used, "%s'%s'", count ? ", " : "", (*list)->name);
        count++;
    }
    return count > 0;
}

const kr_descriptor *kr_twin_find(const kr_descriptor *const *list, const char *name, const kr_twin **found) {
    for (; list && *list; list++)
        for (const kr_twin *twin = (*list)->twins; twin && twin->library; twin++)
            if (kr_twin_is_named(twin, name)) {
                *found = twin;
                return *list;
            }
    return NULL;
}

/* ---- what has no equal here ---- */

static const struct {
    const char *word, *hint;
} without[] = {
    {"milestones", "PyTorch's milestones have no equal here; schedule 'step' drops at equal distances (every, factor)"},
    {"MultiStepLR", "PyTorch's MultiStepLR has no equal here; 'step' drops at equal distances (every, factor)"},
    {"ConstantLR", "PyTorch's ConstantLR multiplies the first steps by a factor; 'constant' is one rate throughout"},
    {"LambdaLR", "a function in Python cannot be called from here; a schedule is one file in C (examples/plugins)"},
    {"lr_lambda", "a function in Python cannot be called from here; a schedule is one file in C (examples/plugins)"},
    {"ReduceLROnPlateau", "it follows the loss; a schedule here is a function of the step alone"},
    {"last_epoch", "a schedule here is a function of the step, and is not told where it was"},
    {"epochs", "give the number of steps, epochs x steps_per_epoch, as steps"},
    {"steps_per_epoch", "give the number of steps, epochs x steps_per_epoch, as steps"},
    {"cycle_momentum", "no schedule here drives the momentum: it is as PyTorch's with cycle_momentum=False"},
    {"base_momentum", "no schedule here drives the momentum: it is as PyTorch's with cycle_momentum=False"},
    {"max_momentum", "no schedule here drives the momentum: it is as PyTorch's with cycle_momentum=False"},
    {"scale_fn", "the height of the cycles is one of three, by mode"},
    {"warmup_steps", "warmup is a section of every schedule: warmup: {steps: W, factor: f}"},
    {"warmup_target", "warmup is a section of every schedule: warmup: {steps: W, factor: f}; it rises to lr"},
    {"betas", "PyTorch's betas are Adam's averages; the first is 'momentum' of dynamics 'momentum', the second has no equal there"},
    {"Adam", "adaptive optimizers are not among the dynamics; the nearest is 'momentum'"},
    {"AdamW", "adaptive optimizers are not among the dynamics; the nearest is 'momentum'"},
    {"RMSprop", "adaptive optimizers are not among the dynamics; the nearest is 'momentum'"},
    {"Adagrad", "adaptive optimizers are not among the dynamics; the nearest is 'momentum'"}};

const char *kr_twin_without(const char *word) {
    const char *last = strrchr(word, '.');
    if (last) word = last + 1;
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (same_word(word, strlen(word), without[i].word)) return without[i].hint;
    return NULL;
}
