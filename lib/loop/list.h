/* list.h - a ring of links, each embedded in what it links: add at the end
 * and take out in O(1), no allocation. A link that is zero is in no list. */
#ifndef LAB_LIST_H
#define LAB_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* The struct of `type` whose member `pointer` points to. */
#define CONTAINER(pointer, type, member) \
    ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

struct link {
    struct link *next, *prev;
};

static inline void list_init(struct link *head)
{
    head->next = head->prev = head;
}

static inline bool list_empty(const struct link *head)
{
    return head->next == head;
}

static inline void list_add(struct link *head, struct link *link)
{
    link->next = head;
    link->prev = head->prev;
    head->prev->next = link;
    head->prev = link;
}

static inline void list_remove(struct link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->next = link->prev = NULL;
}

/* From the oldest on; `link` may be taken out inside. */
#define LIST_EACH(head, link)                                             \
    for (struct link *link = (head)->next, *link##_next = link->next;     \
         link != (head); link = link##_next, link##_next = link->next)

#endif
