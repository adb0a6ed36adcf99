// TensorBoard's own messages as protobufjs descriptors: the field names, numbers and types of event.proto,
// summary.proto, histogram.proto, tensor.proto and tensor_shape.proto. Tests decode with these alone.
import protobuf from "protobufjs";

type Fields = Record<string, { type: string; id: number; rule?: "repeated" }>;

/** `"double wall_time = 1"` and `"repeated Value value = 1"`, as in a .proto file. */
function fields(...lines: string[]): Fields {
  return Object.fromEntries(
    lines.map((line) => {
      const match = /^(repeated )?(\S+) (\w+) = (\d+)$/.exec(line);
      if (match === null) throw new Error(`not a field: ${line}`);
      const [, rule, type, name, id] = match;
      const field = { type: type!, id: Number(id) };
      return [name, rule ? { ...field, rule: "repeated" } : field];
    }),
  ) as Fields;
}

const syntax = { syntax: "proto3" };

const root = protobuf.Root.fromJSON({
  options: syntax,
  nested: {
    Event: {
      oneofs: {
        what: { oneof: ["file_version", "graph_def", "summary", "log_message", "session_log"] },
      },
      fields: fields(
        "double wall_time = 1",
        "int64 step = 2",
        "string file_version = 3",
        "bytes graph_def = 4",
        "Summary summary = 5",
        "bytes log_message = 6",
        "SessionLog session_log = 7",
        "SourceMetadata source_metadata = 10",
      ),
    },
    SourceMetadata: { fields: fields("string writer = 1") },
    SessionLog: {
      fields: fields("SessionStatus status = 1", "string checkpoint_path = 2", "string msg = 3"),
      nested: {
        SessionStatus: { values: { STATUS_UNSPECIFIED: 0, START: 1, STOP: 2, CHECKPOINT: 3 } },
      },
    },
    Summary: {
      fields: fields("repeated Value value = 1"),
      nested: {
        Image: {
          fields: fields(
            "int32 height = 1",
            "int32 width = 2",
            "int32 colorspace = 3",
            "bytes encoded_image_string = 4",
          ),
        },
        Value: {
          oneofs: { value: { oneof: ["simple_value", "image", "histo", "audio", "tensor"] } },
          fields: fields(
            "string node_name = 7",
            "string tag = 1",
            "SummaryMetadata metadata = 9",
            "float simple_value = 2",
            "Image image = 4",
            "HistogramProto histo = 5",
            "bytes audio = 6",
            "TensorProto tensor = 8",
          ),
        },
      },
    },
    SummaryMetadata: {
      fields: fields(
        "PluginData plugin_data = 1",
        "string display_name = 2",
        "string summary_description = 3",
      ),
      nested: { PluginData: { fields: fields("string plugin_name = 1", "bytes content = 2") } },
    },
    HistogramProto: {
      fields: fields(
        "double min = 1",
        "double max = 2",
        "double num = 3",
        "double sum = 4",
        "double sum_squares = 5",
        "repeated double bucket_limit = 6",
        "repeated double bucket = 7",
      ),
    },
    TensorProto: {
      fields: fields(
        "int32 dtype = 1",
        "TensorShapeProto tensor_shape = 2",
        "repeated float float_val = 5",
        "repeated double double_val = 6",
        "repeated bytes string_val = 8",
      ),
    },
    TensorShapeProto: {
      fields: fields("repeated Dim dim = 2"),
      nested: { Dim: { fields: fields("int64 size = 1", "string name = 2") } },
    },
  },
});

interface Messages {
  wall_time: number;
  step: number;
  what?: string;
  file_version?: string;
  session_log?: { status: string };
  summary?: {
    value: {
      tag: string;
      value: "simple_value" | "image" | "histo" | "tensor";
      metadata: { plugin_data: { plugin_name: string; content: Uint8Array } } | null;
      simple_value: number;
      image: {
        height: number;
        width: number;
        colorspace: number;
        encoded_image_string: Uint8Array;
      };
      histo: Record<"min" | "max" | "num" | "sum" | "sum_squares", number> &
        Record<"bucket_limit" | "bucket", number[]>;
      tensor: {
        dtype: number;
        tensor_shape: { dim: { size: number }[] } | null;
        float_val: number[];
        double_val: number[];
        string_val: Uint8Array[];
      };
    }[];
  };
}

/** An Event as protobufjs reads it, defaults filled in. */
export type DecodedEvent = Messages;

export function decodeEvent(payload: Uint8Array): DecodedEvent {
  const type = root.lookupType("Event");
  const options = { longs: Number, enums: String, defaults: true, arrays: true, oneofs: true };
  return type.toObject(type.decode(payload), options) as DecodedEvent;
}
