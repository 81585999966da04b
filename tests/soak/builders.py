"""Builders that do harm, each in a way of its own; a suite of `test_hostile_builders.py` trains with them.

The file is copied beside the suite as `evil.py`. A builder that is decorated with `later` does its harm in the trial,
and makes a plain model when the harness has a look at it before.
"""

import ctypes
import functools
import multiprocessing
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

FOREVER_S = 100_000
CALLS = pathlib.Path(__file__).parent / "calls"
MIB = 2**20


def good(input_shape, num_classes):
    """A model that trains."""
    import keras

    return keras.Sequential(
        [keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(num_classes, activation="softmax")]
    )


def later(harm):
    """Let a builder do its harm from its second call on, which is the trial's, and then make a plain model."""

    @functools.wraps(harm)
    def builder(input_shape, num_classes):
        CALLS.mkdir(exist_ok=True)
        with (CALLS / harm.__name__).open("a") as calls:
            calls.write("x")
        answer = harm() if (CALLS / harm.__name__).stat().st_size > 1 else None
        return good(input_shape, num_classes) if answer is None else answer

    return builder


def child(work):
    """Fork a child that does something and ends."""
    if not (pid := os.fork()):
        try:
            work()
        finally:
            os._exit(0)
    return pid


def sleep():
    """Sleep for a day."""
    time.sleep(FOREVER_S)


def own_log():
    """The log of this process."""
    return pathlib.Path(os.readlink("/proc/self/fd/1"))


# ------------------------------------------------------------------------------------------------ how a worker ends


def raises(input_shape, num_classes):
    raise ValueError("no")


def half_character(input_shape, num_classes):
    raise ValueError("half \ud800 character")


def half_character_printed(input_shape, num_classes):
    print("half \ud800 character")
    return good(input_shape, num_classes)


def long_message(input_shape, num_classes):
    raise ValueError("x" * 10_000_000)


def control_characters(input_shape, num_classes):
    raise ValueError("\x1b[2J\x00\x07\x9b31m ::error:: \u202e \ufffe")


def unprintable(input_shape, num_classes):
    class Unprintable(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    raise Unprintable


def base_exception(input_shape, num_classes):
    raise BaseException("base")


def interrupt(input_shape, num_classes):
    raise KeyboardInterrupt


def system_exit(input_shape, num_classes):
    sys.exit(0)


def recursion(input_shape, num_classes):
    return recursion(input_shape, num_classes)


def none(input_shape, num_classes):
    return None


def a_class(input_shape, num_classes):
    import keras

    return keras.Sequential


@later
def exits_well():
    os._exit(0)


@later
def exits_badly():
    os._exit(3)


@later
def kills_itself():
    os.kill(os.getpid(), signal.SIGKILL)


@later
def ends_itself():
    os.kill(os.getpid(), signal.SIGTERM)


@later
def real_time_signal():
    os.kill(os.getpid(), signal.SIGRTMIN + 5)


@later
def segfaults():
    ctypes.string_at(0)


@later
def aborts():
    os.abort()


@later
def alarm():
    signal.alarm(1)
    sleep()


@later
def stops_itself():
    os.kill(os.getpid(), signal.SIGSTOP)


@later
def sleeps():
    sleep()


@later
def busy():
    while True:
        pass


@later
def ignores_signals():
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    sleep()


@later
def blocks_signals():
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    sleep()


@later
def sleeps_in_a_thread_lock():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


# --------------------------------------------------------------------------------------------------------- its output


@later
def one_line_of_200_mb():
    for _ in range(3200):
        os.write(1, b"x" * 65536)
    os._exit(3)


@later
def log_of_200_mb():
    for number in range(200):
        os.write(1, (f"{number:07d}" * 149_796).encode() + b"\n")
        time.sleep(0.01)


@later
def garbage():
    os.write(1, os.urandom(MIB))


@later
def closes_output():
    os.close(1)
    os.close(2)


@later
def no_streams():
    sys.stdout = sys.stderr = None


@later
def output_to_nowhere():
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)


@later
def pipe_for_a_log():
    path = own_log()
    path.unlink()
    os.mkfifo(path)
    os._exit(3)


@later
def folder_for_a_log():
    path = own_log()
    path.unlink()
    path.mkdir()
    os._exit(3)


@later
def device_for_a_log():
    path = own_log()
    path.unlink()
    path.symlink_to("/dev/zero")
    os._exit(3)


@later
def writes_to_every_descriptor():
    for descriptor in range(3, 64):
        try:
            os.set_blocking(descriptor, False)
            os.write(descriptor, b"\x00\x00\x00\x05abcde")
        except OSError:
            continue
    os._exit(3)


@later
def half_a_message():
    for descriptor in range(3, 64):
        try:
            os.set_blocking(descriptor, False)
            os.write(descriptor, b"\x7f\xff\xff\xff half a message")
        except OSError:
            continue
    sleep()


@later
def closes_every_descriptor():
    os.closerange(3, 4096)


# ------------------------------------------------------------------------------------------------------- its children


@later
def child_in_a_session():
    child(lambda: (os.setsid(), sleep()))


@later
def daemon_of_a_daemon():
    child(lambda: (os.setsid(), child(sleep)))


@later
def daemon_process():
    multiprocessing.get_context("fork").Process(target=sleep, daemon=True).start()


@later
def daemon_process_in_a_session():
    multiprocessing.get_context("fork").Process(target=lambda: (os.setsid(), sleep()), daemon=True).start()


@later
def daemon_process_in_a_survey():
    multiprocessing.get_context("fork").Process(target=sleep, daemon=True).start()


@later
def sleeps_in_a_survey():
    sleep()


@later
def program_in_a_session():
    subprocess.Popen(["sleep", str(FOREVER_S)], start_new_session=True)


@later
def program_without_environment():
    subprocess.Popen(["/bin/sleep", str(FOREVER_S)], start_new_session=True, env={}, close_fds=False)


@later
def child_that_ignores_signals():
    def stubborn():
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        os.setsid()
        sleep()

    child(stubborn)


@later
def stopped_child():
    child(lambda: (os.setsid(), os.kill(os.getpid(), signal.SIGSTOP), sleep()))


@later
def many_children():
    for _ in range(30):
        child(lambda: (os.setsid(), sleep()))


@later
def runaway():
    """A process that hands on to its child, again and again, so that no id lives for long."""

    def run():
        os.setsid()
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            if os.fork():
                os._exit(0)
            time.sleep(0.001)

    child(run)


@later
def zombies():
    for _ in range(30):
        child(lambda: None)


@later
def noisy_child():
    def shout():
        os.setsid()
        while True:
            os.write(1, b"still here\n")
            time.sleep(0.001)

    child(shout)


@later
def child_on_the_channel():
    def shout():
        os.setsid()
        while True:
            for descriptor in range(3, 64):
                try:
                    os.set_blocking(descriptor, False)
                    os.write(descriptor, b"\x00\x00\x00\x02\x80N")
                except OSError:
                    continue
            time.sleep(0.01)

    child(shout)
    os._exit(3)


@later
def pool_left_behind():
    globals()["pool"] = multiprocessing.get_context("fork").Pool(2)


@later
def twin():
    """Two processes make the model and train it."""
    os.fork()


@later
def thread_that_stays():
    threading.Thread(target=sleep, daemon=False).start()


@later
def child_of_a_thread():
    thread = threading.Thread(target=lambda: child(lambda: (os.setsid(), sleep())))
    thread.start()
    thread.join()


@later
def exits_with_a_daemon():
    child(lambda: (os.setsid(), sleep()))
    os._exit(3)


@later
def sleeps_with_a_daemon():
    child(lambda: (os.setsid(), sleep()))
    sleep()


@later
def leaves_its_group():
    os.setpgid(child(lambda: sleep()), 0)


# --------------------------------------------------------------------------------------------------- its surroundings


@later
def kills_the_server():
    os.kill(os.getppid(), signal.SIGKILL)
    sleep()


@later
def stops_the_server():
    os.kill(os.getppid(), signal.SIGSTOP)


@later
def temporary_files():
    for _ in range(10):
        tempfile.mkdtemp()
        tempfile.NamedTemporaryFile(delete=False).close()


@later
def no_temporary_folder():
    os.rmdir(tempfile.gettempdir())
    pathlib.Path(tempfile.gettempdir()).parent.chmod(0o500)


@later
def another_folder():
    os.chdir("/")


@later
def no_environment():
    os.environ.clear()


@later
def no_modules():
    for name in [name for name in sys.modules if name.startswith(("bench.", "keras."))]:
        del sys.modules[name]


@later
def no_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


@later
def no_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@later
def no_processor_time():
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    while True:
        pass


# --------------------------------------------------------------------------------------------------------- its memory


@later
def greedy():
    return [bytearray(64 * MIB) for _ in range(100)]


@later
def shared_memory():
    import mmap

    globals()["held"] = held = mmap.mmap(-1, 3072 * MIB)
    for start in range(0, 3072 * MIB, 4096):
        held[start] = 1
    sleep()


@later
def greedy_children():
    def eat():
        os.setsid()
        globals()["held"] = bytearray(b"x") * (900 * MIB)
        sleep()

    for _ in range(3):
        child(eat)
    sleep()


# ---------------------------------------------------------------------------------------------------------- its model


def diverges(input_shape, num_classes):
    import keras

    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(num_classes, kernel_initializer=keras.initializers.Constant(1e38)),
            keras.layers.Softmax(),
        ]
    )


def wrong_width(input_shape, num_classes):
    return good(input_shape, num_classes + 1)


def layer_that_raises(input_shape, num_classes):
    import keras

    class Raises(keras.layers.Layer):
        def call(self, x, training=False):
            if training:
                raise RuntimeError("not in training")
            return x

    return keras.Sequential([keras.Input(input_shape), Raises(), *good(input_shape, num_classes).layers])


def layer_that_sleeps(input_shape, num_classes):
    import keras

    class Sleeps(keras.layers.Layer):
        def call(self, x, training=False):
            if training:
                sleep()
            return x

    return keras.Sequential([keras.Input(input_shape), Sleeps(), *good(input_shape, num_classes).layers])
