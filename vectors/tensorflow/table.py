"""LevelDB tables as TensorFlow writes them, and as it never would."""

import struct

MAGIC = struct.pack("<Q", 0xDB4775248B80FB57)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def entry(key, value, shared=0):
    return varint(shared) + varint(len(key)) + varint(len(value)) + key + value


def block(entries, restarts=(0,), kind=0, crc=None):
    data = b"".join(entries) + b"".join(struct.pack("<I", at) for at in restarts) + struct.pack("<I", len(restarts))
    sum = crc32c(data + bytes([kind]))
    masked = ((sum >> 15 | sum << 17) + 0xA282EAD8) & 0xFFFFFFFF
    return data, data + bytes([kind]) + struct.pack("<I", masked if crc is None else crc)


def table(entries, data=None, index=None, footer=None, before=b""):
    """A table of one block; any part can be replaced."""
    content, whole = data or block(entries)
    out = before + whole
    handle = varint(len(before)) + varint(len(content))
    meta_at = len(out)
    meta, whole = block([])
    out += whole
    index_at = len(out)
    content, whole = index(handle) if index else block([entry(b"\xff", handle)])
    out += whole
    handles = varint(meta_at) + varint(len(meta)) + varint(index_at) + varint(len(content))
    return out + (footer(handles) if footer else handles.ljust(40, b"\0") + MAGIC)


def entries_of(file):
    """All pairs of a table."""
    def varint_at(data, at):
        number = shift = 0
        while True:
            number |= (data[at] & 0x7F) << shift
            shift += 7
            at += 1
            if data[at - 1] < 0x80:
                return number, at

    def pairs(offset, size):
        data = file[offset:offset + size]
        end = size - 4 - 4 * struct.unpack("<I", data[-4:])[0]
        at, key = 0, b""
        while at < end:
            shared, at = varint_at(data, at)
            added, at = varint_at(data, at)
            length, at = varint_at(data, at)
            key = key[:shared] + data[at:at + added]
            at += added
            yield key, data[at:at + length]
            at += length

    at = len(file) - 48
    for _ in range(2):
        offset, at = varint_at(file, at)
        size, at = varint_at(file, at)
    for _, handle in pairs(offset, size):
        start, next = varint_at(handle, 0)
        yield from pairs(start, varint_at(handle, next)[0])
