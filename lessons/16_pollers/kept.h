/* kept.h - a poller that is told once: epoll with fds that stay armed.
 *
 *     wait for 7         epoll_ctl(ADD, 7, IN)    armed: IN
 *     7 is ready         -                               IN
 *     wait for 7 again   -                               IN   the usual case
 *     wait to write too  epoll_ctl(MOD, 7, IN OUT)       IN OUT
 *     OUT, nobody wants  epoll_ctl(MOD, 7, IN)           IN
 *     IN, nobody waits   epoll_ctl(DEL, 7)               -
 *     7 will be closed   epoll_ctl(DEL, 7), if armed     -
 *
 * What asyncio's transports do on Linux. lib/loop's own epoll disarms an fd
 * with each event, and so makes one system call more for each wait; what it
 * gets for that is that nobody need tell it of a close. Here somebody must.
 *
 * Linux only: elsewhere opening it fails with ENOSYS.
 */
#ifndef LAB_KEPT_H
#define LAB_KEPT_H

#include "loop/loop.h"

/* For loop_options.poller_type. Level-triggered: what is still there is told
 * again. poller->on_fd[fd].armed is what the kernel holds for fd.
 *
 * open    an epoll of its own, close-on-exec, in poller->fd; poller_close
 *         closes it. 0 or errno.
 * arm     whoever watches fd is told. A system call only if they want more
 *         than is armed. A regular file is never not ready. 0, or errno with
 *         "wait for fd N".
 * wait    what came, in fds[0..n).fd and .revents, at most POLLER_ROOM of
 *         them, the rest next time; 0 if a signal came. What the kernel told
 *         and nobody wants is armed no more.
 * forget  nothing is armed for fd any more, in the kernel too: the number,
 *         and a dup of what it names, may live on. */
extern const struct poller_type poller_kept;

#endif
