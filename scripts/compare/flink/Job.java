import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Does a small part of the decider's work in Flink: remembers each shopper's consents and seconds in each zone, scores
 * ten campaigns by a fixed formula, and writes a decision of 200 bytes for each dwell. No rules, no model, no candidates
 * with their reasons. Its state is checkpointed each second; a decision may be written twice after a crash.
 */
public class Job {
  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    env.enableCheckpointing(1000);
    String brokers = System.getenv("AISLE_BROKERS");
    KafkaSource<String> events =
        KafkaSource.<String>builder()
            .setBootstrapServers(brokers)
            .setTopics(System.getenv("AISLE_EVENTS"))
            .setGroupId("flink-" + System.getenv("AISLE_EVENTS"))
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setValueOnlyDeserializer(new SimpleStringSchema())
            .build();
    KafkaSink<String> decisions =
        KafkaSink.<String>builder()
            .setBootstrapServers(brokers)
            .setRecordSerializer(
                KafkaRecordSerializationSchema.<String>builder()
                    .setTopic(System.getenv("AISLE_DECISIONS"))
                    .setValueSerializationSchema(new SimpleStringSchema())
                    .build())
            .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
            .build();
    ObjectMapper json = new ObjectMapper();
    env.fromSource(events, WatermarkStrategy.noWatermarks(), "events")
        .map(line -> read(json.readTree(line)))
        .returns(Event.class)
        .keyBy(e -> e.shopper)
        .process(new Decide())
        .sinkTo(decisions);
    env.execute("decide");
  }

  /** Of an event, what the job looks at. */
  public static class Event {
    public String id, type, shopper, zone, received;
    public double seconds;
    public boolean granted;
  }

  static Event read(JsonNode json) {
    Event e = new Event();
    e.id = json.path("id").asText();
    e.type = json.path("type").asText();
    e.shopper = json.path("shopper").asText();
    e.zone = json.path("zone").asText();
    e.received = json.path("received").asText();
    e.seconds = json.path("dwell_ns").asDouble() / 1e9;
    e.granted = json.path("consent").path("granted").asBoolean();
    return e;
  }

  static class Decide extends KeyedProcessFunction<String, Event, String> {
    private transient ObjectMapper json;
    private transient ValueState<Boolean> consented;
    private transient MapState<String, Double> seconds;

    @Override
    public void open(OpenContext context) {
      json = new ObjectMapper();
      consented = getRuntimeContext().getState(new ValueStateDescriptor<>("consented", Boolean.class));
      seconds = getRuntimeContext().getMapState(new MapStateDescriptor<>("seconds", String.class, Double.class));
    }

    @Override
    public void processElement(Event e, Context context, Collector<String> out) throws Exception {
      if (e.type.equals("consent_changed")) {
        consented.update(e.granted);
        return;
      }
      Double before = seconds.get(e.zone);
      double now = (before == null ? 0 : before) + e.seconds;
      seconds.put(e.zone, now);
      int best = -1;
      double most = -1;
      if (Boolean.TRUE.equals(consented.value())) {
        for (int i = 0; i < 10; i++) {
          double score = 15 * (1 + now % (i + 3)) / (1 + Math.exp(-.01 * now * i));
          if (score > most) {
            best = i;
            most = score;
          }
        }
      }
      Map<String, Object> d = new HashMap<>();
      d.put("shopper", context.getCurrentKey());
      d.put("event", e.id);
      d.put("received", e.received);
      d.put("verdict", best < 0 ? "no_offer" : "offered");
      d.put("offer", "offer-" + best);
      d.put("score", most);
      out.collect(json.writeValueAsString(d));
    }
  }
}
