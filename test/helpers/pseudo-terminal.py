"""Runs a program on a pseudo terminal and plays the person in front of it.

Reads a JSON request from stdin: argv, cwd, env, timeout (seconds), steps. A step is [word, argument]:
  expect TEXT   wait until the program printed TEXT behind what was expected before
  send HEX      type these bytes
  sleep MS      do nothing
  signal NAME   send a signal to the program
  hangup        take the terminal away
Answers on stdout with JSON: status, signal, transcript (hex), after (hex: what the program left in the queue of
the terminal, which the shell would read next), restored (whether the terminal's modes are as before), error.
"""

import errno
import json
import os
import select
import signal
import sys
import termios
import time


def start(request, slave, master):
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        os.close(master)
        for target in (0, 1, 2):
            os.dup2(slave, target)
        # Opening a terminal without having one makes it the controlling one.
        os.close(os.open(os.ttyname(0), os.O_RDWR))
        os.closerange(3, 256)
        os.chdir(request["cwd"])
        os.execvpe(request["argv"][0], request["argv"], request["env"])
    finally:
        os._exit(127)


class Session:
    def __init__(self, request):
        self.request = request
        self.deadline = time.monotonic() + request["timeout"]
        self.master, self.slave = os.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.transcript = b""
        self.expected = 0
        self.error = None
        self.status = None
        self.child = start(request, self.slave, self.master)
        os.set_blocking(self.master, False)

    def finished(self):
        if self.status is None:
            found, status = os.waitpid(self.child, os.WNOHANG)
            if found:
                self.status = status
        return self.status is not None

    def read(self, seconds):
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        try:
            chunk = os.read(self.master, 65536)
        except OSError as error:
            if error.errno in (errno.EIO, errno.EAGAIN):
                return False
            raise
        self.transcript += chunk
        return len(chunk) > 0

    def check_time(self, doing):
        if time.monotonic() > self.deadline:
            raise TimeoutError("timed out " + doing)

    def expect(self, text):
        wanted = text.encode()
        while True:
            at = self.transcript.find(wanted, self.expected)
            if at >= 0:
                self.expected = at + len(wanted)
                return
            self.check_time("waiting for: " + text)
            if not self.read(0.02) and self.finished() and not self.read(0):
                raise EOFError("the program ended before it printed: " + text)

    def send(self, data):
        while data:
            self.check_time("typing")
            try:
                data = data[os.write(self.master, data):]
            except BlockingIOError:
                # The queue of the terminal is full until the program reads.
                self.read(0.01)
                if self.finished():
                    return
        self.read(0)

    def play(self):
        for word, argument in self.request["steps"]:
            if word == "expect":
                self.expect(argument)
            elif word == "send":
                self.send(bytes.fromhex(argument))
            elif word == "sleep":
                end = time.monotonic() + int(argument) / 1000
                while time.monotonic() < end:
                    self.read(0.01)
            elif word == "signal":
                os.kill(self.child, getattr(signal, "SIG" + argument))
            elif word == "hangup":
                # The last open end of the terminal that is not the program's.
                os.close(self.master)
                os.kill(self.child, signal.SIGHUP)
                self.master = -1
                break

    def wait(self):
        while not self.finished():
            self.check_time("waiting for the program to end")
            if self.master >= 0:
                self.read(0.02)
            else:
                time.sleep(0.02)
        while self.master >= 0 and self.read(0.05):
            pass

    def leftover(self):
        if self.master < 0:
            return b"", True
        now = termios.tcgetattr(self.slave)
        restored = now == self.before
        raw = termios.tcgetattr(self.slave)
        raw[3] &= ~(termios.ICANON | termios.ECHO)
        raw[6][termios.VMIN] = 0
        raw[6][termios.VTIME] = 1
        termios.tcsetattr(self.slave, termios.TCSANOW, raw)
        left = b""
        while True:
            chunk = os.read(self.slave, 65536)
            if not chunk:
                return left, restored
            left += chunk

    def run(self):
        try:
            self.play()
            self.wait()
        except (TimeoutError, EOFError) as error:
            self.error = str(error)
            if not self.finished():
                os.kill(self.child, signal.SIGKILL)
                self.deadline = time.monotonic() + 5
                self.wait()
        left, restored = self.leftover()
        exited = os.WIFEXITED(self.status)
        return {
            "status": os.WEXITSTATUS(self.status) if exited else None,
            "signal": None if exited else signal.Signals(os.WTERMSIG(self.status)).name,
            "transcript": self.transcript.hex(),
            "after": left.hex(),
            "restored": restored,
            "error": self.error,
        }


json.dump(Session(json.load(sys.stdin)).run(), sys.stdout)
