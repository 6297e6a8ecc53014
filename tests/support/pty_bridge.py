"""A serial line that is none: a pseudo terminal whose other end is a TCP port.

Prints the path of the line and exits when its standard input ends.
"""

import os
import pty
import select
import socket
import sys
import tty

master, slave = pty.openpty()
tty.setraw(master)
tty.setraw(slave)
device = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print(os.ttyname(slave), flush=True)
while True:
    ready, _, _ = select.select([master, device, sys.stdin], [], [])
    if sys.stdin in ready:
        break
    if master in ready:
        device.sendall(os.read(master, 4096))
    if device in ready:
        data = device.recv(4096)
        if not data:
            break
        os.write(master, data)
