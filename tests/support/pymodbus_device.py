"""A Modbus TCP server of pymodbus that holds one value in every order its own encoder knows.

Prints the port and exits when its standard input ends. The serial modules are stand-ins: pymodbus
imports them for kinds of lines that are not used here.
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


def registers():
    """Twenty registers for each of big and little word order."""
    values = []
    for words in (Endian.Big, Endian.Little):
        builder = BinaryPayloadBuilder(byteorder=Endian.Big, wordorder=words)
        builder.add_32bit_float(21.9835)
        builder.add_64bit_float(-1234.5678)
        builder.add_32bit_int(-123456789)
        builder.add_32bit_uint(4023456789)
        builder.add_64bit_int(-1234567890123)
        builder.add_64bit_uint(1234567890123)
        builder.add_16bit_int(-12345)
        builder.add_string("AB")
        values.extend(builder.to_registers())
    return values


async def main():
    """Serve until standard input ends."""
    values = registers()
    store = ModbusSlaveContext(
        hr=ModbusSequentialDataBlock(0, values),
        ir=ModbusSequentialDataBlock(0, values),
        co=ModbusSequentialDataBlock(0, [True, False, True]),
        zero_mode=True,
    )
    context = ModbusServerContext(slaves={7: store}, single=False)
    server = ModbusTcpServer(context, address=("127.0.0.1", 0))
    serving = asyncio.ensure_future(server.serve_forever())
    await server.serving
    port = server.server.sockets[0].getsockname()[1]
    print(json.dumps({"port": port, "registers": len(values)}), flush=True)
    await asyncio.get_event_loop().run_in_executor(None, sys.stdin.read)
    serving.cancel()


asyncio.run(main())
