/**
 * An example of tools in TypeScript: the tables of a small restaurant. What is booked is known as long as the process
 * lives; a real one asks its own system in the two functions.
 *
 * @module
 */

import { z } from "zod";
import { defineTool, type Tool, ToolError } from "./tool.ts";

/** Guests that can sit at the same time. */
const SEATS = 24;
const LARGEST_PARTY = 8;
/** When guests may come. */
const HOURS = ["17:30", "18:00", "18:30", "19:00", "19:30", "20:00", "20:30"] as const;
/** How many of the offered times are said. */
const MOST_OFFERS = 3;

const day = z.iso.date().describe("The day, as YYYY-MM-DD");
const guests = z.int().min(1).max(LARGEST_PARTY).describe("How many people come");

/** Seats that are taken, by day and time. */
export class TableBook {
  readonly #taken = new Map<string, number>();

  /** Times of a day at which so many can still come. */
  freeTimes(day: string, guests: number): string[] {
    return HOURS.filter((time) => this.#left(day, time) >= guests);
  }

  /**
   * Books seats.
   *
   * @throws {ToolError} If there are not as many
   */
  book(day: string, time: string, guests: number): void {
    if (this.#left(day, time) < guests) {
      throw new ToolError("There is no free table then; find another time");
    }
    const key = `${day} ${time}`;
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + guests);
  }

  #left(day: string, time: string): number {
    return SEATS - (this.#taken.get(`${day} ${time}`) ?? 0);
  }
}

/** Looks for free tables. */
export function findTableTool(book: TableBook): Tool {
  return defineTool({
    name: "find_table",
    description: "Looks up at which times a table is free. Use it before you offer any time.",
    parameters: z.object({ day, guests }),
    scheduling: "interrupt",
    filler: "One moment, I am looking.",
    run: ({ day, guests }) => ({ free: book.freeTimes(day, guests).slice(0, MOST_OFFERS) }),
  });
}

/** Books a table. */
export function bookTableTool(book: TableBook): Tool {
  return defineTool({
    name: "book_table",
    description: "Books a table. Say day, time, number of people and name back first, and book " +
      "only when the caller has agreed.",
    parameters: z.object({
      day,
      time: z.enum(HOURS).describe("One of the free times"),
      guests,
      name: z.string().min(1).max(80).describe("In whose name"),
    }),
    scheduling: "interrupt",
    onInterruption: "finish",
    run: ({ day, time, guests, name }) => {
      book.book(day, time, guests);
      return { booked: { day, time, guests, name } };
    },
  });
}
