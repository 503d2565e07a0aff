"""Writes the event file of TensorBoardLogTest with TensorBoard's own writer (pip install tensorboard) and prints it as hexadecimal digits."""

import io

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

TIME = 1_700_000_000.5

file = io.BytesIO()
writer = RecordWriter(file)
writer.write(Event(wall_time=TIME, file_version="brain.Event:2").SerializeToString())
values = [Summary.Value(tag="accuracy", simple_value=0.5), Summary.Value(tag="accuracy_of_part/1", simple_value=0.25)]
writer.write(Event(wall_time=TIME, step=500, summary=Summary(value=values)).SerializeToString())
print(file.getvalue().hex())
