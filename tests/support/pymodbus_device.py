"""A Modbus TCP server of pymodbus that holds values of every type, put there by its own encoder.

Prints one line of JSON that says where each value stands, and exits when its standard input ends.
The serial modules are stand-ins: pymodbus imports them for lines that are not used here.
"""

import asyncio
import json
import sys
import types

for name in ("serial", "serial_asyncio"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["serial_asyncio"].create_serial_connection = None

from pymodbus.constants import Endian  # noqa: E402
from pymodbus.datastore import (  # noqa: E402
    ModbusSequentialDataBlock,
    ModbusServerContext,
    ModbusSlaveContext,
)
from pymodbus.payload import BinaryPayloadBuilder  # noqa: E402
from pymodbus.server.async_io import ModbusTcpServer  # noqa: E402

BIG, LITTLE = Endian.Big, Endian.Little
# Order of the bytes: byte order and word order of the encoder, and how its registers are moved.
ORDERS = {
    1: {"AB": (BIG, BIG, None), "BA": (LITTLE, BIG, None)},
    2: {
        "ABCD": (BIG, BIG, None),
        "CDAB": (BIG, LITTLE, None),
        "BADC": (LITTLE, BIG, None),
        "DCBA": (LITTLE, LITTLE, None),
    },
    4: {
        "ABCDEFGH": (BIG, BIG, None),
        "GHEFCDAB": (BIG, LITTLE, None),
        "BADCFEHG": (LITTLE, BIG, None),
        "HGFEDCBA": (LITTLE, LITTLE, None),
        "EFGHABCD": (BIG, BIG, (2, 3, 0, 1)),
        "CDABGHEF": (BIG, BIG, (1, 0, 3, 2)),
        "DCBAHGFE": (LITTLE, BIG, (1, 0, 3, 2)),
        "FEHGBADC": (LITTLE, BIG, (2, 3, 0, 1)),
    },
}
NUMBERS = [
    ("uint16", 1, "add_16bit_uint", 54321, 54321),
    ("int16", 1, "add_16bit_int", -12345, -12345),
    ("uint32", 2, "add_32bit_uint", 4023456789, 4023456789),
    ("int32", 2, "add_32bit_int", -123456789, -123456789),
    ("uint64", 4, "add_64bit_uint", 1234567890123456, 1234567890123456),
    ("int64", 4, "add_64bit_int", -1234567890123, -1234567890123),
    ("float16", 1, "add_16bit_float", -2.71875, -2.71875),
    ("float32", 2, "add_32bit_float", 21.984375, 21.984375),
    ("float64", 4, "add_64bit_float", -1234.5678, -1234.5678),
    ("bcd16", 1, "add_16bit_uint", 0x9876, 9876),
    ("bcd32", 2, "add_32bit_uint", 0x12345678, 12345678),
]
WHEN_S = 1767312000
registers, fields, records = [], [], []


def encode(width, order, method, value):
    """Registers of one number, as the encoder of pymodbus writes it."""
    byte_order, word_order, moved = ORDERS[width][order]
    builder = BinaryPayloadBuilder(byteorder=byte_order, wordorder=word_order)
    getattr(builder, method)(value)
    data = b"".join(builder.build())
    words = [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]
    return words if moved is None else [words[i] for i in moved]


def field(words, **said):
    """Puts registers at the end, and says so for both tables."""
    for table in ("holding", "input"):
        fields.append({"table": table, "address": len(registers), **said})
    registers.extend(words)


def numbers():
    for kind, width, method, raw, value in NUMBERS:
        for order in ORDERS[width]:
            field(encode(width, order, method, raw), type=kind, order=order, value=value)
    builder = BinaryPayloadBuilder(byteorder=BIG, wordorder=BIG)
    builder.add_8bit_uint(200)
    builder.add_8bit_int(-5)
    (word,) = builder.to_registers()
    field([word], type="uint8", byte="high", order="AB", value=200)
    field([word], type="int8", byte="low", order="AB", value=-5)
    field([word], type="uint8", byte="low", order="BA", value=200)
    field([word], type="int8", byte="high", order="BA", value=-5)
    pattern = [i % 3 == 0 or i == 13 for i in range(16)]
    builder = BinaryPayloadBuilder(byteorder=BIG, wordorder=BIG)
    builder.add_bits(pattern[8:] + pattern[:8])  # the encoder begins with the byte sent first
    (word,) = builder.to_registers()
    for bit, on in enumerate(pattern):
        field([word], type="bit", bit=bit, order="AB", value=int(on))
    field([word], type="uint16", bits="4-7", order="AB", value=word >> 4 & 15)


def record(table, clock, order, packing, text_order):
    """Counter, the time of the PLC, a number and a text."""
    at, text = len(registers), "LOT-7Ab"
    words = encode(2, "ABCD", "add_32bit_uint", at)
    if clock == "unix-s":
        words += encode(2, order, "add_32bit_uint", WHEN_S) + [0, 0]
    elif clock == "unix-ms":
        words += encode(4, order, "add_64bit_uint", WHEN_S * 1000)
    else:
        words += [0x2601, 0x0200, 0x0000, 0]
    words += [at]
    builder = BinaryPayloadBuilder(byteorder=BIG, wordorder=BIG)
    if packing == "two":
        builder.add_string(text + "\0")
    else:
        builder.add_string("".join(c + "\0" if packing == "high" else "\0" + c for c in text))
    packed = builder.to_registers()
    if packing == "two" and text_order == "BA":
        packed = [word >> 8 | (word & 255) << 8 for word in packed]
    registers.extend(words + packed + [0] * (16 - len(words) - len(packed)))
    said = {"table": table, "address": at, "clock": clock, "order": order, "packing": packing}
    records.append({**said, "textOrder": text_order, "text": text, "ms": WHEN_S * 1000})


def all_records():
    packings = ("two", "high", "low")
    for table in ("holding", "input"):
        for i, order in enumerate(ORDERS[2]):
            record(table, "unix-s", order, packings[i % 3], ("AB", "BA")[i % 2])
        for i, order in enumerate(ORDERS[4]):
            record(table, "unix-ms", order, packings[i % 3], ("AB", "BA")[i % 2])
        for packing in packings:
            record(table, "bcd", "", packing, "BA")


async def main():
    """Serve until standard input ends."""
    numbers()
    all_records()
    for i in range(20):
        fields.append({"table": "coil", "address": i, "type": "bool", "value": int(i % 3 == 0)})
        fields.append({"table": "discrete", "address": i, "type": "bool", "value": int(i % 3 == 1)})
    store = ModbusSlaveContext(
        hr=ModbusSequentialDataBlock(0, registers),
        ir=ModbusSequentialDataBlock(0, registers),
        co=ModbusSequentialDataBlock(0, [i % 3 == 0 for i in range(20)]),
        di=ModbusSequentialDataBlock(0, [i % 3 == 1 for i in range(20)]),
        zero_mode=True,
    )
    context = ModbusServerContext(slaves={7: store}, single=False)
    server = ModbusTcpServer(context, address=("127.0.0.1", 0))
    serving = asyncio.ensure_future(server.serve_forever())
    await server.serving
    port = server.server.sockets[0].getsockname()[1]
    print(json.dumps({"port": port, "fields": fields, "records": records}), flush=True)
    await asyncio.get_event_loop().run_in_executor(None, sys.stdin.read)
    serving.cancel()


asyncio.run(main())
