/* The section noise: one model, or a list of several, each written like the section of one. Settings of a list are those of the sum
 * of its models (kr_noise_sum), in which a parameter is called by the model's name and its own. */
#include "scene_parts.h"

#include <stdio.h>
#include <string.h>

static const char *const name_key[] = {"name", NULL};

static kr_status find_part(const kr_tree *entry, const kr_registry *registry, const kr_noise_type **part, kr_error *error) {
    const kr_descriptor *about = NULL;
    const kr_tree *name = entry->kind == KR_TREE_MAP ? kr_tree_find(entry, "name") : entry;
    if (!name || name->kind != KR_TREE_SCALAR || kr_tree_is_null(name)) {
        kr_fail(error, KR_BAD_ARGUMENT, "an entry of noise names a model, as in {name: isotropic, sigma: 1}");
        return kr_tree_fail(name ? name : entry, error);
    }
    kr_status status = kr_descriptor_find("noise", kr_registry_descriptors(registry, KR_PLUGIN_NOISE), name->text, &about, error);
    if (status) return kr_tree_fail(name, error);
    *part = (const kr_noise_type *)about;
    return KR_OK;
}

/* The row of the sum behind a parameter of its part. */
static const kr_parameter *row_of(const kr_settings *settings, size_t number, const kr_parameter *row) {
    char name[128];
    snprintf(name, sizeof name, "%zu.%s", number, row->name);
    return kr_parameter_find(settings->about, name);
}

static kr_status assign_part(kr_settings *settings, size_t number, const kr_noise_type *part, const kr_tree *entry,
                             const kr_registry *registry, kr_error *error) {
    char what[160];
    const kr_tree *name = kr_tree_find(entry, "name");
    snprintf(what, sizeof what, "parameter of noise '%s'", part->about.name);
    for (const kr_tree *value = entry->child; value; value = value->next) {
        if (kr_section_is_among(value->key, name_key)) continue;
        const kr_parameter *row = kr_parameter_find(&part->about, value->key);
        if (!row && name && name->set && !value->set) continue; /* of the model before */
        kr_status status = row ? kr_section_assign_entry(settings, row_of(settings, number, row), value, registry, error)
                               : kr_section_unknown_key(value, what, &part->about, name_key,
                                                        kr_registry_descriptors(registry, KR_PLUGIN_NOISE), error);
        if (status) return status;
    }
    for (const kr_parameter *row = part->about.parameters; row && row->name; row++)
        if (row->flags & KR_REQUIRED && !kr_tree_find(entry, row->name)) {
            kr_section_missing(&part->about, row, error);
            return kr_tree_fail(entry, error);
        }
    return KR_OK;
}

kr_status kr_section_noise(kr_settings *settings, const kr_tree *node, const kr_registry *registry, kr_error *error) {
    const kr_noise_type *part[KR_MAX_NOISE_PARTS], *sum;
    if (!node || node->kind != KR_TREE_LIST)
        return kr_section_plugin(settings, node, registry, KR_PLUGIN_NOISE, "none", name_key, error);
    size_t count = kr_tree_count(node), number = 0;
    kr_status status = KR_OK;
    if (!count || count > KR_MAX_NOISE_PARTS) {
        kr_fail(error, KR_BAD_ARGUMENT, "noise is a list of 1 to %d models, not of %zu", KR_MAX_NOISE_PARTS, count);
        return kr_tree_fail(node, error);
    }
    for (const kr_tree *entry = node->child; entry && !status; entry = entry->next)
        status = find_part(entry, registry, &part[number++], error);
    if (status) return status;
    if (count == 1) return kr_section_plugin(settings, node->child, registry, KR_PLUGIN_NOISE, NULL, name_key, error);
    if ((status = kr_noise_sum(part, count, &sum, error))) return kr_tree_fail(node, error);
    if ((status = kr_settings_create(settings, &sum->about, error))) return status;
    number = 0;
    for (const kr_tree *entry = node->child; entry && !status; entry = entry->next, number++)
        if (entry->kind == KR_TREE_MAP) status = assign_part(settings, number, part[number], entry, registry, error);
    return status;
}

const kr_parameter *kr_scene_noise_row(const kr_settings *noise, size_t part, const kr_parameter *row) {
    return kr_scene_noise_part(noise, 1) ? row_of(noise, part, row) : row;
}

const kr_descriptor *kr_scene_noise_part(const kr_settings *noise, size_t part) {
    const kr_noise_type *type = (const kr_noise_type *)noise->about;
    if (!type->part_count) return part ? NULL : noise->about;
    return part < type->part_count ? &type->parts[part].type->about : NULL;
}
