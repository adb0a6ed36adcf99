// The device of the tests.
import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice } from "@tead/tensor";

setDefaultDevice(cpu());
