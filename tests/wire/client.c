/* A whole zcnb client, for Linux: `client SOCKET ping`, `status`, `compile /usr/bin/g++ -c a.cpp`. See WIRE.md. */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
enum { LIMIT = 16 << 20, INT = 0xd2, STR = 0xdb, LIST = 0xdd, MAP = 0xdf }; /* msgpack's codes with 4 bytes */
typedef struct { char kind; unsigned long long n; unsigned char *p; } Value; /* kind: int, string, list, map, - */
static struct { unsigned length, version; unsigned char body[LIMIT - 4]; } frame; /* the request, later the reply */
static unsigned char *at = frame.body, *end = frame.body + sizeof frame.body;
static unsigned char *take(size_t n) { return n > (size_t)(end - at) ? errx(2, "bad length"), at : (at += n) - n; }
static void head(int code, int n) { memcpy(take(5), (unsigned char[]){code, n >> 24, n >> 16, n >> 8, n}, 5); }
static void word(const char *s) { head(STR, strlen(s = s ? s : "")), memcpy(take(strlen(s)), s, strlen(s)); }
static void start(const char *kind, int fields) { head(LIST, 2), word(kind), head(MAP, fields); }
static Value next(void) { /* a whole number or string, but only the head of a list or a map: the items follow */
    int c = *take(1), wide = c > 0xbf && c < 0xe0, size = wide ? "00001240004812481248000001242424"[c - 0xc0] - '0' : 0;
    Value v = {wide ? "--iisss-----iiiiiiii-----sssllmm"[c - 0xc0] : "iiiiiiiimlss--ii"[c >> 4], c == 0xc3, at - 1};
    if (!wide) v.n = v.kind == 'i' ? (signed char)c : c & (v.kind == 's' ? 31 : 15);
    if (c >= 0xd0 && c <= 0xd3 && *at > 127) v.n = -1; /* the upper bytes of a negative number */
    for (unsigned char *p = take(size); size--; p++) v.n = v.n << 8 | *p;
    return v.p = v.kind == 's' ? take(v.n) : v.p, v;
}
static void skip(void) { Value v = next(); for (v.n *= v.kind == 'm' ? 2 : v.kind == 'l'; v.n > 0; v.n--) skip(); }
static int is(Value v, const char *s) { return v.kind == 's' && v.n == strlen(s) && !memcmp(v.p, s, v.n); }
static char *string(Value v) { return strndup((char *)v.p, v.kind == 's' ? v.n : 0); }
static Value get(Value map, const char *key) {
    for (at = map.p, map = next(); map.n-- > 0; skip()) if (is(next(), key)) return next();
    return errx(2, "a reply without %s", key), map;
}
static Value ask(const char *path) { /* one exchange: the reply's kind, with `at` on its fields */
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct ucred peer;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    if (connect(fd, (void *)&address, sizeof address)) err(2, "no daemon answers at %s", path);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &(socklen_t){sizeof peer}) || peer.uid != getuid())
        errx(2, "another user serves %s", path);
    frame.length = at - frame.body + 4, frame.version = 1;
    if (send(fd, &frame, frame.length + 4, MSG_NOSIGNAL) < 0 || recv(fd, &frame, 8, MSG_WAITALL) != 8 ||
        frame.version != 1 || frame.length - 4 > sizeof frame.body ||
        recv(fd, frame.body, frame.length - 4, MSG_WAITALL) != (int)frame.length - 4) errx(2, "no answer");
    return at = frame.body, end = at + frame.length - 4, next(), next();
}
static int run(char **words) { return execv(*words, words), err(126, "%s", *words), 126; }
static void alert(Value text) { if (text.n) fprintf(stderr, "zcnb warning: %s\n", string(text)); }
static int place(Value output) { /* copy it from the store to a new file; whether that worked */
    char *to = string(get(output, "destination"));
    int from = open(string(get(output, "path")), O_RDONLY), mode = get(output, "executable").n ? 0777 : 0666;
    int file = (unlink(to), open(to, O_WRONLY | O_CREAT | O_EXCL, mode)), size = get(output, "size").n;
    return at = output.p, skip(), sendfile(file, from, NULL, size) == size && !close(file);
}
static int compile(const char *path, int argc, char **words) {
    char *cwd = getcwd(NULL, 0), **last = environ;
    while (*last) last++;
    start("compile-ephemeral", 3), word("client_pid"), head(INT, getpid()), word("working_dir"), word(cwd);
    word("call"), head(MAP, 4), word("tool"), word(*words), word("cwd"), word(cwd), word("argv"), head(LIST, argc);
    for (int i = 0; i < argc; i++) if (word(words[i]), !strcmp(words[i], "-") || *words[i] == '@') return run(words);
    word("env"), head(MAP, last - environ);
    for (char *eq, **v = environ; *v; v++) eq = strchrnul(*v, '='), word(strndup(*v, eq - *v)), word(eq + (*eq != 0));
    Value kind = ask(path), fields = {'m', 0, at};
    if (is(kind, "pass-through")) alert(get(fields, "warning"));
    if (!is(kind, "tool-done")) return run(words);
    Value outcome = get(fields, "outcome"), said = get(outcome, "stdout"), scolded = get(outcome, "stderr");
    for (int n = get(outcome, "outputs").n; n-- > 0;) if (!place(next())) return run(words);
    for (int n = get(outcome, "removed").n; n-- > 0;) unlink(string(next()));
    fwrite(said.p, 1, said.n, stdout), fwrite(scolded.p, 1, scolded.n, stderr), alert(get(outcome, "warning"));
    return get(outcome, "exit_code").n;
}
int main(int argc, char **argv) {
    if (argc > 3 && !strcmp(argv[2], "compile")) return compile(argv[1], argc - 3, argv + 3);
    if (argc != 3) errx(2, "usage: client SOCKET ping | status | compile TOOL ARGUMENTS...");
    start(strcmp(argv[2], "status") ? argv[2] : "get-status", 0);
    Value kind = ask(argv[1]), fields = {'m', 0, at};
    if (is(kind, "status")) printf("state %s\n", string(get(fields, "state")));
    return printf("pid %d\n", (int)get(fields, "pid").n) < 0;
}
