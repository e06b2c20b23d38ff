/* checkers.h - is it XML, is it JSON, does it nest; small and strict.
 *
 * Each returns NULL if all is well, or what is wrong, in words. They know
 * no more of the formats than our renderers may use: no comments, no CDATA,
 * no doctype.
 */
#ifndef TRACE_CHECKERS_H
#define TRACE_CHECKERS_H

const char *check_utf8(const char *text);
const char *check_xml(const char *text);
const char *check_json(const char *text);

/* The slices of each thread of a Chrome trace: any two are apart, or one
 * lies inside the other, which must come first. */
const char *check_nesting(const char *text);

#endif
