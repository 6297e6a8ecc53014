/* A Modbus TCP server of libmodbus that holds a value of every type in every byte order, in the
 * holding and in the input registers. Prints one line of JSON that says where each value stands,
 * serves one client after another, and ends when its standard input does. */
#include <modbus.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <unistd.h>

static modbus_mapping_t *map;
static int next = 0;
static char list[1 << 20], *end = list;
static const char *TABLES[] = {"holding", "input"};
static const char *ORDERS[4][8] = {{"AB", "BA"}, {"ABCD", "CDAB", "BADC", "DCBA"}, {0},
  {"ABCDEFGH", "GHEFCDAB", "BADCFEHG", "HGFEDCBA", "EFGHABCD", "CDABGHEF", "DCBAHGFE", "FEHGBADC"}};

static void say(const char *format, ...) {
  va_list args;
  va_start(args, format);
  end += vsprintf(end, format, args);
  va_end(args);
}

/* The bytes of a number, least significant first as this machine has them, in the given order. */
static void put(int at, const void *number, int bytes, const char *order) {
  const uint8_t *low = number;
  for (int i = 0; i < bytes; i += 2) {
    uint16_t word = low[bytes - 1 - (order[i] - 'A')] << 8 | low[bytes - 1 - (order[i + 1] - 'A')];
    map->tab_registers[at + i / 2] = map->tab_input_registers[at + i / 2] = word;
  }
}

static void field(const char *type, const char *more, const void *number, int bytes, double value) {
  for (int o = 0; o < 8 && ORDERS[bytes / 2 - 1][o]; o++, next += bytes / 2) {
    put(next, number, bytes, ORDERS[bytes / 2 - 1][o]);
    for (int t = 0; t < 2; t++)
      say("%s{\"table\":\"%s\",\"address\":%d,\"type\":\"%s\",\"order\":\"%s\",\"value\":%.17g%s}",
          end[-1] == '[' ? "" : ",", TABLES[t], next, type, ORDERS[bytes / 2 - 1][o], value, more);
  }
}
#define FIELD(type, ctype, number) \
  do { ctype n = number; field(type, "", &n, sizeof n, (double)n); } while (0)
#define PART(type, more, word, value) \
  do { uint16_t n = word; field(type, more, &n, 2, value); } while (0)

static void numbers(void) {
  FIELD("uint16", uint16_t, 54321); FIELD("int16", int16_t, -12345);
  FIELD("uint32", uint32_t, 4023456789u); FIELD("int32", int32_t, -123456789);
  FIELD("uint64", uint64_t, 1234567890123456); FIELD("int64", int64_t, -1234567890123);
  FIELD("float16", _Float16, -2.71875f16);
  FIELD("float32", float, 21.9835f); FIELD("float64", double, -1234.5678);
  PART("bcd16", "", 0x9876, 9876);
  uint32_t bcd = 0x12345678;
  field("bcd32", "", &bcd, 4, 12345678);
  PART("uint8", ",\"byte\":\"low\"", 0x0bc8, 200); PART("uint8", ",\"byte\":\"high\"", 0x0bc8, 11);
  PART("int8", ",\"byte\":\"low\"", 0x7ffb, -5); PART("int8", ",\"byte\":\"high\"", 0x807f, -128);
  char more[40];
  for (int bit = 0; bit < 16; bit++) {
    sprintf(more, ",\"bit\":%d", bit);
    PART("bit", more, 0xa5c3, 0xa5c3 >> bit & 1);
  }
  PART("uint16", ",\"bits\":\"4-7\"", 0xa5c3, 0xc);
  uint32_t wide = 0xa5c31234u;
  field("uint32", ",\"bits\":\"12-27\"", &wide, 4, wide >> 12 & 0xffff);
}

static void bits(void) {
  for (int i = 0; i < 20; i++) {
    map->tab_bits[i] = i % 3 == 0;
    map->tab_input_bits[i] = i % 3 == 1;
    say(",{\"table\":\"coil\",\"address\":%d,\"type\":\"bool\",\"value\":%d}", i, i % 3 == 0);
    say(",{\"table\":\"discrete\",\"address\":%d,\"type\":\"bool\",\"value\":%d}", i, i % 3 == 1);
  }
}

/* A record: counter, the PLC's time, a number and a text that begins six registers later. */
static void record(const char *clock, const char *order, const char *packing, int swap) {
  uint32_t seconds = 1767312000, part = next;
  uint64_t ms = seconds * 1000ull + 250;
  uint16_t value = next, bcd[3] = {0x2601, 0x0200, 0x0000};
  const char *text = "LOT-7Ab";
  put(next, &part, 4, "ABCD");
  if (!strcmp(clock, "unix-s")) put(next + 2, &seconds, 4, order);
  else if (!strcmp(clock, "unix-ms")) put(next + 2, &ms, 8, order);
  else for (int i = 0; i < 3; i++) put(next + 2 + i, &bcd[i], 2, "AB");
  put(next + 6, &value, 2, "AB");
  for (int i = 0; i < 8; i++) {
    uint16_t word = text[i];
    if (*packing == 't') word = i < 4 ? text[2 * i] << 8 | (i < 3 ? text[2 * i + 1] : 0) : 0;
    if (*packing == 'h') word = i < 7 ? text[i] << 8 : 0;
    put(next + 7 + i, &word, 2, swap && *packing == 't' ? "BA" : "AB");
  }
  for (int t = 0; t < 2; t++)
    say("%s{\"table\":\"%s\",\"address\":%d,\"clock\":\"%s\",\"order\":\"%s\",\"packing\":\"%s\","
        "\"textOrder\":\"%s\",\"text\":\"%s\",\"ms\":%lld}", end[-1] == '[' ? "" : ",", TABLES[t],
        next, clock, order, packing, swap ? "BA" : "AB", text,
        (long long)(!strcmp(clock, "unix-ms") ? ms : seconds * 1000ull));
  next += 16;
}

static void records(void) {
  static const char *PACKINGS[] = {"two", "high", "low"};
  for (int o = 0; o < 4; o++) record("unix-s", ORDERS[1][o], PACKINGS[o % 3], o % 2);
  for (int o = 0; o < 8; o++) record("unix-ms", ORDERS[3][o], PACKINGS[o % 3], o % 2);
  for (int p = 0; p < 3; p++) record("bcd", "", PACKINGS[p], 0);
}

static void serve(modbus_t *modbus, int listener) {
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  struct pollfd wait[2] = {{0, POLLIN, 0}, {listener, POLLIN, 0}};
  int client = -1;
  while (poll(wait, 2, -1) > 0 && !wait[0].revents) {
    if (client < 0) {
      client = modbus_tcp_accept(modbus, &listener);
      wait[1].fd = client;
      continue;
    }
    int length = modbus_receive(modbus, query);
    if (length > 0) modbus_reply(modbus, query, length, map);
    if (length >= 0) continue;
    close(client);
    client = -1;
    wait[1].fd = listener;
  }
}

int main(void) {
  map = modbus_mapping_new(64, 64, 4000, 4000);
  say("{\"fields\":[");
  numbers();
  bits();
  say("],\"records\":[");
  records();
  modbus_t *modbus = modbus_new_tcp("127.0.0.1", 0);
  int listener = modbus_tcp_listen(modbus, 4);
  struct sockaddr_in name;
  socklen_t size = sizeof name;
  if (listener < 0 || getsockname(listener, (struct sockaddr *)&name, &size)) return 1;
  printf("%s],\"port\":%d}\n", list, ntohs(name.sin_port));
  fflush(stdout);
  serve(modbus, listener);
  return 0;
}
